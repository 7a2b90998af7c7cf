"""Recall and precision of the link verdicts: generated sites, real sites, the suites of other checkers."""
