"""MAUVE with a local causal model: evaluate.load(…, model=…)."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hf_metrics.metric


class MauveKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "mauve"; its options are keywords of evaluate.load."""

    metric = "mauve"
