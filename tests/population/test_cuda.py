"""The kernel for a GPU: the bits of a processor in numba's simulator of one, and what its machine code may hold.

Where there is no GPU it is compiled for one all the same (Hopper, sm_90), up to PTX, the assembly of NVIDIA, if libNVVM
is there; and up to machine code, where spilt registers show, if ptxas is. How fast it is, only a GPU can tell.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from numba import cuda
from numba.cuda import config, dispatcher
from numba.cuda.cudadrv import nvvm

from ruggespraak.population import cuda as gpu
from ruggespraak.population.kernel.tally import CARRIED
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.simulate import Option, Run, RunError, simulate

HOPPER = (9, 0)
SIMULATED = """
from ruggespraak.population.cuda import simulate_on_gpu
from ruggespraak.population.simulate import Option, Run
from ruggespraak.population.scenarios import scenario
"""
OPTIONS = (Option(), Option("leaflet", scenario("surgery_early")))


class Hopper:
    """A device that is not there, to compile for."""

    compute_capability = HOPPER


def without_libdevice(sources, fastmath, **options):
    """As numba compiles, without NVIDIA's library of mathematics: whole numbers need none of it."""
    assert not fastmath
    unit = nvvm.CompilationUnit(options)
    for source in sources:
        unit.add_module(nvvm.llvm_replace(source).encode())
    unit.verify()
    return unit.compile()


@pytest.fixture(scope="module")
def ptx():
    """The whole kernel as PTX for a Hopper."""
    try:
        there = nvvm.is_available()
    except RuntimeError:  # it cannot be found
        there = False
    if not there:
        pytest.skip("libNVVM is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatcher, "get_current_device", Hopper)
        patch.setattr(config, "FORCE_CUDA_CC", HOPPER)
        patch.setattr(nvvm, "compile_ir", without_libdevice)
        kernel = gpu.kernel()
        text, _ = cuda.compile_ptx(kernel, gpu.types(kernel), cc=HOPPER)
    return text


def instructions(ptx):
    """The name of each instruction."""
    return re.findall(r"^\s+(?:@!?%p\d+ )?([a-z][a-z0-9_.]*)\s[^;]*;", ptx, flags=re.MULTILINE)


def test_it_counts_as_a_processor_does_in_the_simulator_of_a_gpu():
    run = "Run(people=500, years=10, born=10, options=(Option(), Option('leaflet', scenario('surgery_early'))))"
    found = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", f"{SIMULATED}print(simulate_on_gpu({run}).digest)"],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == simulate(Run(people=500, years=10, born=10, options=OPTIONS)).digest


def test_it_calculates_with_whole_numbers_only(ptx):
    """Whether a compiler joins a product and a sum of fractions into one (fma) differs between machines."""
    names = instructions(ptx)
    assert len(names) > 1_000
    assert [name for name in names if re.search(r"\.b?f(16|32|64)|fma", name)] == []
    assert "__nv_" not in ptx


def test_all_that_it_writes_is_added_by_atomic_additions(ptx):
    """So no thread can lose what another adds, and the order does not matter."""
    writes = {name for name in instructions(ptx) if name.startswith(("st.", "atom", "red"))}
    assert writes <= {"atom.global.add.u64", "red.global.add.u64"}
    assert writes


def test_it_keeps_no_more_in_memory_of_its_own_than_what_is_carried_about_a_person(ptx):
    assert sum(int(size) for size in re.findall(r"\.local\b.*\[(\d+)\]", ptx)) <= CARRIED * 8


@pytest.mark.skipif(shutil.which("ptxas") is None, reason="ptxas is not installed")
def test_its_registers_suffice(ptx, tmp_path):
    (tmp_path / "kernel.ptx").write_text(ptx)
    said = subprocess.run(
        ["ptxas", "-arch=sm_90", "-v", "kernel.ptx", "-o", "kernel.cubin"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stderr  # fmt: skip
    assert "0 bytes spill stores, 0 bytes spill loads" in said


@pytest.mark.skipif(not cuda.is_available(), reason="there is no GPU")
def test_it_counts_as_a_processor_does_on_a_gpu():
    run = Run(people=200_000, years=30, born=2_000, options=OPTIONS)
    assert gpu.simulate_on_gpu(run).digest == simulate(run).digest


@pytest.mark.skipif(cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_what_is_needed():
    with pytest.raises(RunError, match="GPU: none is there; a CUDA device with its driver"):
        gpu.simulate_on_gpu(Run(people=500, years=10))
