"""Random numbers with an address: Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011).

A counter of 128 bits goes through ten rounds of multiplication under a key of 64 bits, and 128 random bits come out.
The counter is the address of a draw, the key is the seed of the run: the same person meets the same luck in every
scenario, on every machine and in any order.

The products fill 64 bits, so they are taken without a sign: of a product with a sign the compiler may assume that it
does not overflow, and what it then makes of the *next* function is wrong (seen with numba 0.68; a test holds it).
"""

import numpy as np

U = np.uint64
WORD, SHIFT = U(0xFFFFFFFF), U(32)
M0, M1 = U(0xD2511F53), U(0xCD9E8D57)
W0, W1 = U(0x9E3779B9), U(0xBB67AE85)


def philox(c0, c1, c2, c3, k0, k1):
    """Four words of 32 bits from a counter of four and a key of two."""
    c0, c1, c2, c3, k0, k1 = U(c0), U(c1), U(c2), U(c3), U(k0), U(k1)
    for _ in range(10):
        p0, p1 = M0 * c0, M1 * c2
        c0, c1 = (p1 >> SHIFT) ^ c1 ^ k0, p1 & WORD
        c2, c3 = (p0 >> SHIFT) ^ c3 ^ k1, p0 & WORD
        k0, k1 = (k0 + W0) & WORD, (k1 + W1) & WORD
    return np.int64(c0), np.int64(c1), np.int64(c2), np.int64(c3)
