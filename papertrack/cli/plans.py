"""Which digest is meant."""

from typing import TYPE_CHECKING

from papertrack.cli.faces import known
from papertrack.cli.setup import Setup
from papertrack.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from papertrack.config import DigestConfig

#: What --demo shows where the configuration has no digest.
DEMO = "demo"


def plan_of(setup: Setup, name: str) -> "DigestConfig":
    """The digest of this name. Raises UsageError, or ConfigError where there is none at all."""
    plans = {plan.name: plan for plan in setup.config.digests}
    if not plans and setup.demo:
        from papertrack.config import DigestConfig

        plans = {DEMO: DigestConfig(name=DEMO, to=("you@example.org",), timezone="UTC")}
    if not plans:
        raise ConfigError(
            f"No digest is configured; write one under digests: in {setup.config_path}, as "
            "`papertrack config init --stdout` shows it."
        )
    if not name and len(plans) == 1:
        return next(iter(plans.values()))
    if not name:
        raise UsageError(f"There are several digests; name one of {', '.join(plans)}.")
    return plans[known(name, list(plans), "a digest")]
