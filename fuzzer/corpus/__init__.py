"""Make records of the corpus: of kernels that people wrote, and what of it repeats kernels that come with Warp.

*Harvest*: the records of all kernels in a source tree or an installed package. *Place*: where a kernel stands, by the
name of its distribution or of its file below the folder that was given; never where that folder is.
"""
