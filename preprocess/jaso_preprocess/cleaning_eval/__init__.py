"""`jaso score-cleaning`: precision and recall of steps against planted truth."""
