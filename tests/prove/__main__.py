"""`python -m tests.prove [--kills 200] [--on sqlite|postgresql]`, `--deaths 12`: exits with 1 when it does not hold."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys

from tests.prove.proof import prove, prove_company


def main() -> int:
    """Prove, print, and say how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--deaths", type=int, default=0, help="instead: so many deaths among three bots on PostgreSQL")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--hasty", action="store_true", help="acknowledge before the commit: must not hold")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    if wanted.deaths:
        proof = asyncio.run(prove_company(wanted.deaths, wanted.seed))
    else:
        proof = asyncio.run(prove(wanted.kills, wanted.seed, hasty=wanted.hasty, on=wanted.on))
    print(proof)
    return 0 if proof.holds else 1


if __name__ == "__main__":
    sys.exit(main())
