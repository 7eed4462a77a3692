"""ROUGE on Korean tokens."""

# Not "from … import": evaluate.load takes the first metric class that is a name of this module.
import jaso_evaluate.hf_metrics.metric


class RougeKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "rouge"; its options are keywords of evaluate.load."""

    metric = "rouge"
