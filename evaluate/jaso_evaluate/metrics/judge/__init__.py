"""A language model as judge: rubric, endpoint, answers."""
