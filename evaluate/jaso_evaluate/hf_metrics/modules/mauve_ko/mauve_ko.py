"""MAUVE with a local causal model: evaluate.load(…, model=…)."""

# Not "from … import": evaluate.load takes the first metric class that is a name of this module.
import jaso_evaluate.hf_metrics.metric


class MauveKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "mauve"; its options are keywords of evaluate.load."""

    metric = "mauve"
