"""Print the oldest version of each dependency that pyproject.toml allows, as constraints for pip."""

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for requirement in (*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())):
    if not requirement.startswith(project["name"]):  # our own extras
        name, version = re.fullmatch(r"([\w-]+)>=([\w.]+),<[\w.]+", requirement).groups()
        sys.stdout.write(f"{name}=={version}\n")
