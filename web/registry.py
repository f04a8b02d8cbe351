"""Where a room hangs things on another's pages and acts, so that lower rooms need not know higher ones.

Every callable is set-wise: it takes all subjects of a page at once, so that a list never pays per row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NavItem:
    """A place in the rail. `count` gets the viewer and returns how many things wait there.

    Where several places share one `count`, it is asked once a page and returns the numbers by `url_name`.
    """

    label: str
    url_name: str
    icon: str
    order: int
    prefixes: tuple[str, ...]
    count: Callable[[Any], int | Mapping[str, int] | None] | None = None


@dataclass(frozen=True)
class TopAction:
    """A button in the top bar; `allowed` gets the viewer."""

    label: str
    url_name: str
    allowed: Callable[[Any], bool]
    order: int = 0


@dataclass(frozen=True)
class Step:
    """One step of the first-run checklist. `url_name` is None when the viewer may not do it."""

    order: int
    label: str
    hint: str
    done: bool
    url_name: str | None


@dataclass(frozen=True)
class Panel:
    """A part of a page, brought by another room."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One thing that a room adds to another's list. `number` tells it apart among those of its collector."""

    number: int
    label: str
    url: str
    held_by: Any
    since: Any = None  # a datetime, where one is known
    note: str = ""

    @property
    def key(self) -> str:
        """Its number as text."""
        return str(self.number)


@dataclass(frozen=True)
class Collector:
    """Things of one kind that a room adds to a list, and the act that moves them to somebody else.

    `gather(viewer, party=…, limit=…)` returns up to `limit` Items that belong to `party`, or, when that is None, to
    anybody who is no longer here. `move(numbers, to=…, by=…, now=…)` gives them to somebody, in the caller's
    transaction, and returns in words what could not be moved and why; nothing when all could.
    """

    code: str  # in forms, as `action:12`
    kind: str  # in words, as "Open action"
    gather: Callable[..., Collection[Item]]
    move: Callable[..., Collection[str]]


@dataclass(frozen=True)
class Gathered:
    """What one collector found; `more` when there is more than was asked for."""

    collector: Collector
    items: Collection[Item]
    more: bool


@dataclass(frozen=True)
class Guard:
    """What speaks against an act on a subject, unless the person says so: a tick in the form, a code over the API."""

    code: str  # the form's field, and what the API takes in `despite`
    label: str  # beside the tick
    hint: str
    said: str  # how the record of the act goes on, once it was ticked


@dataclass(frozen=True)
class Hit:
    """What was found. `title` and `excerpt` are `web.search.excerpts.Excerpt`; `note` says where it stands."""

    url: str
    title: Collection[Any]
    excerpt: Collection[Any] = ()
    ref: str = ""  # what people call it, such as INC-481
    note: str = ""
    at: Any = None  # a datetime
    severity: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Found:
    """A page of one kind: its hits, how many there are (`more`: at least so many), and where to go on."""

    hits: Collection[Hit] = ()
    count: int = 0
    more: bool = False
    following: int | None = None


@dataclass(frozen=True)
class Searcher:
    """A kind of things that can be searched; `find(viewer, asked, limit=…, after=…)` leaves out what the viewer may
    not see, in a constant number of queries. `asked` is a `web.search.asking.Asked`, `after` a Found's `following`.
    """

    code: str
    label: str
    order: int
    find: Callable[..., Found]


@dataclass(frozen=True)
class Jump:
    """The one thing that a text names, such as `INC-481`."""

    url: str
    label: str


@dataclass(frozen=True)
class EventName:
    """Something that webhooks can be told of, such as `incident.opened`; `quiet` ones are not chosen at first."""

    name: str
    label: str
    quiet: bool = False


GuardsOf = Callable[[Collection[int]], Mapping[int, Guard]]
NotesOf = Callable[[Any, Collection[int]], Mapping[int, str]]
PanelsOf = Callable[[Any, Collection[int]], Mapping[int, Panel]]

_nav: list[NavItem] = []
_top: list[TopAction] = []
_steps: list[Callable[[Any], Collection[Step]]] = []
_panels: dict[str, list[PanelsOf]] = defaultdict(list)
_notes: dict[str, list[NotesOf]] = defaultdict(list)
_guards: dict[str, list[GuardsOf]] = defaultdict(list)
_collectors: dict[str, list[Collector]] = defaultdict(list)
_searchers: list[Searcher] = []
_jumps: list[Callable[[Any, str], Jump | None]] = []
_own_counts: list[Callable[[Any], int]] = []
_events: list[EventName] = []
_listeners: dict[str, list[Callable[..., None]]] = defaultdict(list)


def add_nav(*items: NavItem) -> None:
    """Put places into the rail."""
    _nav.extend(items)
    _nav.sort(key=lambda item: item.order)


def nav() -> list[NavItem]:
    """The rail's places in order."""
    return list(_nav)


def add_top_action(action: TopAction) -> None:
    """Put a button into the top bar."""
    _top.append(action)
    _top.sort(key=lambda one: one.order)


def top_actions() -> list[TopAction]:
    """The top bar's buttons in order."""
    return list(_top)


def add_steps(steps: Callable[[Any], Collection[Step]]) -> None:
    """Contribute steps to the first-run checklist; `steps` gets the viewer."""
    _steps.append(steps)


def steps_for(viewer: Any) -> list[Step]:
    """The first-run checklist as this viewer sees it, in order."""
    return sorted((step for steps in _steps for step in steps(viewer)), key=lambda step: step.order)


def add_panels(place: str, panels: PanelsOf) -> None:
    """Hang panels on the pages named `place`; `panels` gets the viewer and the subjects' ids."""
    _panels[place].append(panels)


def panels_for(place: str, viewer: Any, subject_id: int) -> list[Panel]:
    """The panels hung on one subject's page."""
    found = (panels(viewer, [subject_id]).get(subject_id) for panels in _panels[place])
    return [panel for panel in found if panel is not None]


def add_notes(place: str, notes: NotesOf) -> None:
    """Say a few words about each row of the list named `place`; `notes` gets the viewer and the rows' ids."""
    _notes[place].append(notes)


def notes_for(place: str, viewer: Any, subject_ids: Collection[int]) -> dict[int, list[str]]:
    """What is said about rows, by row; those of whom nothing is said are left out."""
    found: dict[int, list[str]] = defaultdict(list)
    for notes in _notes[place] if subject_ids else ():
        for subject_id, said in notes(viewer, subject_ids).items():
            found[subject_id].append(said)
    return dict(found)


def add_guard(act: str, guards: GuardsOf) -> None:
    """Let a room speak against the act of this name; `guards` gets the subjects' ids."""
    _guards[act].append(guards)


def guards_for(act: str, subject_ids: Collection[int]) -> dict[int, list[Guard]]:
    """What speaks against an act, by subject; subjects with nothing against them are left out."""
    found: dict[int, list[Guard]] = defaultdict(list)
    for guards in _guards[act]:
        for subject_id, guard in guards(subject_ids).items():
            found[subject_id].append(guard)
    return dict(found)


def count_on_own_page(count: Callable[[Any], int]) -> None:
    """Add to the number beside everybody's own page; `count` gets the viewer."""
    _own_counts.append(count)


def own_count(viewer: Any) -> int:
    """How many new things wait on the viewer's own page."""
    return sum(count(viewer) for count in _own_counts)


def add_searcher(searcher: Searcher) -> None:
    """Let a kind of things be found."""
    _searchers.append(searcher)
    _searchers.sort(key=lambda one: one.order)


def searchers() -> list[Searcher]:
    """The kinds of things that can be found, in order."""
    return list(_searchers)


def add_jump(jump: Callable[[Any, str], Jump | None]) -> None:
    """Let a text that names one thing lead straight to it; `jump` gets the viewer and the text."""
    _jumps.append(jump)


def jump_to(viewer: Any, text: str) -> Jump | None:
    """The one thing that this text names and the viewer may see."""
    return next((found for jump in _jumps if (found := jump(viewer, text))), None)


def add_collector(place: str, collector: Collector) -> None:
    """Let a room add things to the list named `place`."""
    _collectors[place].append(collector)


def collectors(place: str) -> dict[str, Collector]:
    """The collectors of a list by their codes."""
    return {collector.code: collector for collector in _collectors[place]}


def gather(place: str, viewer: Any, *, party: Any = None, limit: int = 100) -> list[Gathered]:
    """What the rooms add to a list, by collector, those that found nothing left out."""
    found = []
    for collector in _collectors[place]:
        items = list(collector.gather(viewer, party=party, limit=limit + 1))
        if items:
            found.append(Gathered(collector, items[:limit], len(items) > limit))
    return found


def add_events(*events: EventName) -> None:
    """Name what webhooks can be told of."""
    _events.extend(events)


def events() -> list[EventName]:
    """All that webhooks can be told of, in the order named."""
    return list(_events)


def listen(event: str, listener: Callable[..., None]) -> None:
    """Call `listener` inside the transaction that makes `event` true."""
    _listeners[event].append(listener)


def tell(event: str, **facts: Any) -> None:
    """Tell the listeners of `event`; they run now, in the caller's transaction."""
    for listener in _listeners[event]:
        listener(**facts)
