"""BLEU by sacrebleu on Korean tokens."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hub


class BleuKo(jaso_evaluate.hub.JasoMetric):
    """jaso's metric "bleu"; its options are keywords of evaluate.load."""

    metric = "bleu"
