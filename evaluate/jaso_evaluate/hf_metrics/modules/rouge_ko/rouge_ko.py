"""ROUGE on Korean tokens."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hf_metrics.metric


class RougeKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "rouge"; its options are keywords of evaluate.load."""

    metric = "rouge"
