"""A finite-element solver for Poisson's equation, written in Warp kernels: a workload whose answers are known.

*mesh*: points, triangles between them, and the edges along the boundary. *hat function*: linear on every triangle, 1 at
one point and 0 at all others. *stiffness*: the integrals of products of the hat functions' gradients. *load*: those of
the source with each hat function. *fixed*: where Dirichlet's condition gives the value. *flux*: the derivative along
the outer normal, which Neumann's condition gives.
"""
