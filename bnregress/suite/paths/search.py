"""Not a loading path of a person's: the cell of the search beyond the fixed probes, see `bnregress.suite.search`."""

from bnregress.suite import small
from bnregress.suite.registry import loading_path
from bnregress.suite.search.check import SEARCH


@loading_path(
    "search",
    family="search",
    summary="search with Hypothesis beyond the fixed probes, on small layers",
    code=small.CODE,
    group="search",
    own=(SEARCH,),
)
def search(framework):
    return small.build(framework)
