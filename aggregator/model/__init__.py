"""The frozen values that travel from stage to stage; they do nothing and touch nothing.

settings   what the person configured             (config -> everyone): markup, outgoing are parts of it
reading    how a document is to be read             (-> parse)
fetched    what the publisher's server answered    (fetch ->)
entry      what the document says                  (parse ->)
article    what we keep, know and decided          (curate <-> store)
pages      full texts of articles' own pages       (fetch <-> store)
push       what is pushed, both ways               (web, deliver <-> store)
politeness what we cost the sites we ask           (store -> cli, web)
problem    what is wrong, and was                   (schedule <-> store -> publish)
edition    what a published feed holds             (store, curate -> publish -> web)
plan       what a configuration would change       (-> cli)

json_values  any of them as JSON, and back         packing    an entry as it is stored, compressed

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
    UnreadArticle,
)
from aggregator.model.edition import (
    Archive,
    Copy,
    Edition,
    FeedHead,
    FeedKind,
    Issue,
    Item,
    Membership,
    Rendered,
    Roll,
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
    Participant,
    Person,
    Podcast,
    Soundbite,
    TracedEntry,
    Transcript,
    Wording,
    completed,
)
from aggregator.model.fetched import (
    Failed,
    FailureKind,
    Fetched,
    Gone,
    Hints,
    NotModified,
    Outcome,
    PushOffer,
    Validators,
)
from aggregator.model.politeness import HostLine
from aggregator.model.problem import Arrived, Habits, ProblemEvent, Trouble, TroubleKind
from aggregator.model.reading import Fields, Reading, SourceKind
from aggregator.model.settings import (
    Access,
    Budget,
    Configuration,
    ContentPolicy,
    Duplicates,
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
    Timed,
    Topic,
    Web,
    WebSub,
)
