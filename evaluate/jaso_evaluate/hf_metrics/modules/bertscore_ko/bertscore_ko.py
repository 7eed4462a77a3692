"""BERTScore with a Korean encoder: evaluate.load(…, model=…)."""

# Not "from … import": of all metrics that stand in a module by name, evaluate.load takes the first.
import jaso_evaluate.hf_metrics.metric


class BertscoreKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "bertscore"; its options are keywords of evaluate.load."""

    metric = "bertscore"
