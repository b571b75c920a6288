"""Names the packages: each room at the top of the repository is installed as `lodeflow.<room>`."""

from setuptools import find_packages, setup

ROOMS = ("agents", "data", "environment", "experiments", "viz")
found = {room: [room, *(f"{room}.{name}" for name in find_packages(room))] for room in ROOMS}
setup(
    packages=[
        "lodeflow",
        *(f"lodeflow.{name}" for name in find_packages("lodeflow")),
        *(f"lodeflow.{name}" for names in found.values() for name in names),
    ],
    package_dir={f"lodeflow.{room}": room for room in ROOMS},
)
