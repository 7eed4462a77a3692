"""BERTScore with a Korean encoder: evaluate.load(…, model=…)."""

# Not "from … import": evaluate.load takes the first metric class that is a name of this module.
import jaso_evaluate.hf_metrics.metric


class BertscoreKo(jaso_evaluate.hf_metrics.metric.JasoMetric):
    """jaso's metric "bertscore"; its options are keywords of evaluate.load."""

    metric = "bertscore"
