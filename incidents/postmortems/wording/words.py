"""The word lists that the rules' expressions are made of, as alternatives of RE2."""

from __future__ import annotations

_VERBS = (
    "add apply ask be bump call change check click copy delete deploy disable do edit enable fix follow get give go "
    "ignore install know let look make merge move need open press push put read reboot remove rename replace rerun "
    "reset restart retry revert roll run say see send set skip start stop switch take tell test try turn type update "
    "upgrade use wait write"
)


def _any(words: str) -> str:
    return "|".join(words.split())


DETERMINERS = (
    "a|an|the|its|their|our|your|his|her|no|some|any|all|both|each|every|more|fewer|less|enough|exactly|at|access|"
    "one|two|three|four|five|six|this|that|these|those|several|many|only|to"
)
NUMBERS = "one|two|three|four|five|some|few|a_few|half|part|parts"
ADVERBS = "not|never|also|probably|really|simply|just|easily|already|perhaps|better|at least|clearly|then"
# What threatens data and users, rather than what somebody might have done otherwise.
HARMS = (
    "lost|leaked|exposed|corrupted|overwritten|harmed|hurt|affected|reached|spread|cost|gone|doubled|"
    "been_(?:much_|far_|even_|a_lot_)?(?:worse|lost|leaked|exposed|corrupted|affected|harmed|hurt|larger|longer)"
)
OF_ERRORS = "rates?|budgets?|messages?|pages?|codes?|logs?|counts?|ratios?|reports?|handling|responses?|classes"
SENIORITY = "on-call|oncall|junior|senior|new|platform|ml|data|backend|frontend|duty|release|prompt|lead"
ROLES = (
    "engineers?|developers?|devs?|programmers?|administrators?|responders?|analysts?|data_scientists?|scientists?|"
    "interns?|on-call|oncall|sres?|colleagues?|teammates?|reviewers?|somebody|someone|he|she"
)
DONE_LAZILY = "load|evaluat|init|import|fetch|instantiat|propert|match|quantifier|mode|compil|cach|start|creat|comput"
DEEDS = f"{_any(_VERBS)}|have_to|had_to|needs?_to|needed_to|forgot|ignored|didn't|did_not|don't|do_not|works"
BEFORE_JUST = "an?|had|has|have|having|was|were|is|are|be|been|being|not|only"
AUXILIARIES = "did|didn't|did_not|do|don't|was|were|wasn't|weren't|have|haven't|had|hadn't|would|could|couldn't"
ASKING = "please|we_should|we_must|we_will|we_need_to|to"

# A sentence may begin with these, and things are called so: neither is a person who forgot.
_STARTERS = (
    "a all also an and another any because before after again an as at both but by day each either every everybody "
    "everyone few first finally for friday from he her his how i if in it its last later many monday most neither "
    "next no nobody none nothing now of on once one only or our saturday second several she since so some somebody "
    "someone soon sunday that the their then there these they this those thursday to today tuesday until us we "
    "wednesday what when where which while who whoever why yesterday you your people users customers operators "
    "earlier meanwhile afterwards suddenly eventually though although however still yet with without"
)
STARTERS = frozenset(_STARTERS.split())
_THINGS = (
    "agent agents ai alert alerts alerting amazon answers api app apps azure backup bedrock bot budget build cache "
    "chatbot check checks cloud cluster code config configuration contract controller dashboard dashboards data "
    "database datastore deploy deployment deployments docker embedder endpoint engine eval evals evaluation "
    "fallback feature filter front gateway google guardrail guardrails index indexer ingest ingestion job jobs "
    "kafka kubernetes layer library limiter linux llm loader machine mesh microsoft model models monitor "
    "monitoring monitors network node nodes office openai orchestrator parser pipeline platform pod pods policy "
    "postgres probe process prometheus prompt provider proxy queue ranker redis region registry release replica "
    "retriever retrieval retries router rule rules scheduler schema script search server servers service "
    "services shard site snowflake spark storage store stream support system systems table task team teams test "
    "tests timeout tool tools traffic vector vendor vertex warehouse web webhook windows worker workers"
)
THINGS = frozenset(_THINGS.split())
