"""Run and judge: engines, bounds, limitations, verdicts.

*test case*: one closed module with its inputs, launches and options. *engine*: something that runs test cases.
*outcome*: what it produced. *reference*: the NumPy engine. *verdict*: the oracle's answer. *discrepancy*: a verdict
that needs a person. *limitation*: a known divergence, as data. *radius*: the allowed deviation of a value.
"""
