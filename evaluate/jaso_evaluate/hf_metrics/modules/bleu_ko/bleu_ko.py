"""BLEU by sacrebleu on Korean tokens."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hf_metrics.metric


class BleuKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "bleu"; its options are keywords of evaluate.load."""

    metric = "bleu"
