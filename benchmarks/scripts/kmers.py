"""Counts k-mers in simulated reads of several genomes, and which genomes share most of them.

python benchmarks/scripts/kmers.py [--scale 1.0] [--k 11]
"""

import argparse
import gzip
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter

import pydron

log = logging.getLogger(__name__)
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def write_reads(folder, genomes, reads, length=150):
    """One gzipped FASTQ file for each genome; every genome is a mutated copy of the one before it."""
    rng = random.Random(5)
    sequence = rng.choices("ACGT", k=6000)
    paths = []
    for number in range(genomes):
        for _ in range(300):
            sequence[rng.randrange(len(sequence))] = rng.choice("ACGT")
        text = "".join(sequence)
        path = os.path.join(folder, f"genome{number:02d}.fastq.gz")
        with gzip.open(path, "wt", compresslevel=1) as file:
            for read in range(reads):
                begin = rng.randrange(len(text) - length)
                bases = text[begin : begin + length]
                quality = "I" * length if rng.random() > 0.1 else "#" * length
                file.write(f"@read{read}\n{bases}\n+\n{quality}\n")
        paths.append(path)
    empty = os.path.join(folder, "lost.fastq.gz")
    open(empty, "wb").close()
    return [*paths, empty]


@pydron.functional
def count_kmers(path, k):
    """Canonical k-mers of the reads of good quality."""
    counts = Counter()
    with gzip.open(path, "rt") as file:
        lines = file.read().splitlines()
    if not lines:
        raise ValueError(f"no reads in {os.path.basename(path)}")
    for i in range(0, len(lines), 4):
        bases, quality = lines[i + 1], lines[i + 3]
        if quality[0] == "#":
            continue
        for j in range(len(bases) - k + 1):
            kmer = bases[j : j + k]
            counts[min(kmer, kmer[::-1].translate(COMPLEMENT))] += 1
    return counts


@pydron.functional
def similarity(a, b):
    """Shared k-mers over all k-mers."""
    return len(a.keys() & b.keys()) / len(a.keys() | b.keys())


@pydron.schedule
def analyse(paths, k):
    counts = {}
    skipped = 0
    for path in paths:
        name = os.path.basename(path).split(".")[0]
        try:
            counts[name] = count_kmers(path, k)
        except ValueError as error:
            log.error("%s", error)
            skipped += 1
    total = Counter()
    for name, found in counts.items():
        log.info("%s: %d different k-mers", name, len(found))
        total.update(found)
    names = list(counts)
    pairs = []
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            pairs.append((similarity(counts[first], counts[second]), first, second))
    pairs.sort(reverse=True)
    return total.most_common(5), pairs[:5], skipped


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--k", type=int, default=11)
    chosen = options.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        paths = write_reads(folder, 12, max(30, int(6500 * chosen.scale)))
        start = time.perf_counter()
        common, pairs, skipped = analyse(paths, chosen.k)
        print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    print(f"{skipped} files skipped")
    for kmer, count in common:
        print(kmer, count)
    for share, first, second in pairs:
        print(f"{first} {second} {share:.4f}")


if __name__ == "__main__":
    main()
