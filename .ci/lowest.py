"""Print pip constraints that hold every direct dependency of setup.cfg at its lower bound."""

import configparser
import re
import sys

config = configparser.ConfigParser()
config.read(sys.argv[1])
requirements = config["options"]["install_requires"]
for name, version in re.findall(r"^([\w.-]+)>=([\w.]+)$", requirements, re.MULTILINE):
    print(f"{name}=={version}")  # noqa: T201 - a script that prints
