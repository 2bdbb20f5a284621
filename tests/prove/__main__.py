"""`python -m tests.prove [--kills 200] [--seed N] [--hasty]`: exits with 1 when the proof does not hold."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys

from tests.prove.proof import prove


def main() -> int:
    """Prove, print, and say how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--hasty", action="store_true", help="acknowledge before the commit: must not hold")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    proof = asyncio.run(prove(wanted.kills, wanted.seed, hasty=wanted.hasty))
    print(proof)
    return 0 if proof.holds else 1


if __name__ == "__main__":
    sys.exit(main())
