"""chrF by sacrebleu."""

# Not "from … import": evaluate.load takes the first metric class that is a name of this module.
import jaso_evaluate.hf_metrics.metric


class ChrfKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "chrf"; its options are keywords of evaluate.load."""

    metric = "chrf"
