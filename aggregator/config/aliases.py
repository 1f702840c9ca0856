"""Old paths of feeds lead to one feed each, and to none that lives: a checked file in, problems out."""

from __future__ import annotations

from aggregator.config.positions import Node, find_node
from aggregator.config.problems import Complaints
from aggregator.config.schema import File


def check_aliases(checked: File, root: Node, complaints: Complaints) -> None:
    """Complain of an alias that another feed or topic has too, or that is the path of one in the file."""
    living = {f"/feeds/{slug}" for slug in checked.feeds} | {f"/topics/{slug}" for slug in checked.topics}
    owners: dict[str, str] = {}
    for place, group in (("topics", checked.topics), ("feeds", checked.feeds)):
        for slug, entry in group.items():
            for index, alias in enumerate(entry.aliases):
                path = (place, slug, "aliases", index)
                owner = owners.setdefault(alias, f"{place}.{slug}")
                if owner != f"{place}.{slug}":
                    complaints.add(find_node(root, path)[0].place, f"{owner} has this alias already", path)
                elif alias in living:
                    complaints.add(find_node(root, path)[0].place, "a feed of this file lives there", path)
