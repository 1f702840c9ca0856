"""The frozen values that travel from stage to stage; they do nothing and touch nothing.

settings   what the person configured             (config -> everyone)
fetched    what the publisher's server answered    (fetch ->)
entry      what the document says                  (parse ->)
article    what we keep, know and decided          (curate <-> store)
politeness what we cost the sites we ask           (store -> cli, web)
problem    what is wrong, and was                   (schedule <-> store -> publish)
edition    what a published feed holds             (store, curate -> publish -> web)

All times are UTC-aware datetimes. All tuples keep the order described at the field.
"""

from aggregator.model.article import (
    Admission,
    Article,
    ArticleState,
    Claim,
    Known,
    KnownArticle,
    NextPoll,
    Placed,
    PollResult,
    SourceState,
    Target,
)
from aggregator.model.edition import (
    Archive,
    Edition,
    FeedHead,
    FeedKind,
    Item,
    Rendered,
    SourceCard,
    Withdrawn,
)
from aggregator.model.entry import (
    Category,
    DocumentTrace,
    Enclosure,
    Entry,
    FeedInfo,
    Link,
    Origin,
    ParsedFeed,
    Person,
    Podcast,
    TracedEntry,
    Transcript,
)
from aggregator.model.fetched import (
    Failed,
    FailureKind,
    Fetched,
    Gone,
    Hints,
    NotModified,
    Outcome,
    Validators,
)
from aggregator.model.politeness import HostLine
from aggregator.model.problem import Arrived, Habits, ProblemEvent, Trouble, TroubleKind
from aggregator.model.reading import Fields, Reading, SourceKind
from aggregator.model.settings import (
    Access,
    Configuration,
    ContentPolicy,
    Feed,
    FetchSettings,
    Gate,
    PerSource,
    Replacement,
    Rewrite,
    RuleSet,
    Site,
    Source,
    SourceList,
    Topic,
    Web,
    WebSub,
)

__all__ = [
    "Access",
    "Admission",
    "Archive",
    "Arrived",
    "Article",
    "ArticleState",
    "Category",
    "Claim",
    "Configuration",
    "ContentPolicy",
    "DocumentTrace",
    "Edition",
    "Enclosure",
    "Entry",
    "Failed",
    "FailureKind",
    "Feed",
    "FeedHead",
    "FeedInfo",
    "FeedKind",
    "FetchSettings",
    "Fetched",
    "Fields",
    "Gate",
    "Gone",
    "Habits",
    "Hints",
    "HostLine",
    "Item",
    "Known",
    "KnownArticle",
    "Link",
    "NextPoll",
    "NotModified",
    "Origin",
    "Outcome",
    "ParsedFeed",
    "PerSource",
    "Person",
    "Placed",
    "Podcast",
    "PollResult",
    "ProblemEvent",
    "Reading",
    "Rendered",
    "Replacement",
    "Rewrite",
    "RuleSet",
    "Site",
    "Source",
    "SourceCard",
    "SourceKind",
    "SourceList",
    "SourceState",
    "Target",
    "Topic",
    "TracedEntry",
    "Transcript",
    "Trouble",
    "TroubleKind",
    "Validators",
    "Web",
    "WebSub",
    "Withdrawn",
]
