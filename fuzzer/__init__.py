"""Make, vary, shrink and put together: generation, campaigns, reduction, and the command line.

*Campaign*: one hunt with its seed, budget and settings. *Worker*: a process in which Warp runs. *Task*: what a worker
is given; *ending*: how that went. *Reducer*: what makes the test case of a finding small, by *passes*. This package
stands at the end of the arrow ``grammar <- oracle <- reports <- fuzzer``: it may import all, and none imports it.
"""

__version__ = "0.1.0"
