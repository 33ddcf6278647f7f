"""What is compiled: the life of one person, in whole numbers only, so that the bits are the same everywhere.

Every function here is plain Python that numba compiles as it stands (``population.compiled``), that runs as it stands
(the tests do), and that runs on a GPU (``population.cuda``). The rules that keep the three equal:

* no floats: time in hours, chances as 32-bit levels, every distribution a table made beforehand (``quantile``);
* every draw has an address, (person, episode, purpose), and none is "the next number" (``philox``);
* results are sums of whole numbers: their order does not matter.
"""
