"""chrF by sacrebleu."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hf_metrics.metric


class ChrfKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "chrf"; its options are keywords of evaluate.load."""

    metric = "chrf"
