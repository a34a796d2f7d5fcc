"""Known divergences of Warp: the table of them, where each one bites, and what Warp does there instead."""
