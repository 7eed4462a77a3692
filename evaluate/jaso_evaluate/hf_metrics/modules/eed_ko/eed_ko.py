"""Extended edit distance."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hf_metrics.metric


class EedKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "eed"; its options are keywords of evaluate.load."""

    metric = "eed"
