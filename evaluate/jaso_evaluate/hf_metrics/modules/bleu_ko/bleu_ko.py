"""BLEU by sacrebleu on Korean tokens."""

# Not "from … import": evaluate.load takes the first metric class that is a name of this module.
import jaso_evaluate.hf_metrics.metric


class BleuKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "bleu"; its options are keywords of evaluate.load."""

    metric = "bleu"
