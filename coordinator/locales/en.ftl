### What Refit says, in English. `src/wording` finds a message by what it is about and its code; its arguments are the numbers of the
### variant. Numbers, shares and moments are written by the functions of `src/wording/format.rs`; what there is not is `none`.

## Words within sentences

mode-complete = complete
mode-incremental = incremental
mode-quick = quick

## Why an incremental training becomes a complete one

from-scratch-no-live = there is no live version to start from
from-scratch-other-shape = the live version does not fit the inputs or is built otherwise
from-scratch-revised = rows that the live version has learnt from have been corrected
from-scratch-forgotten = it would not forget rows that have been deleted or changed

## What speaks for a training

reason-no-model = There is no live version.
reason-too-old = { $version } was trained on { $trained }, { NUMBER($age, decimals: 1) } days ago: over { $limit } days asks for { $mode }.
reason-new-samples = { $rows } new rows since { $since } ({ $version } was given { $given }){ $tried ->
    [none] {""}
   *[other] , { $untried } of them since { $tried } was trained
}; { $asks ->
    [consider] from { $from } on worth considering, from { $next } recommended
    [enough] { $from } are enough
    [recommended] from { $from } on recommended
   *[necessary] from { $from } on necessary
}.
reason-schema-changed = The inputs are not those { $version } was fitted on.
reason-data-revised = Rows up to { $through } that { $version } was given have been corrected.
reason-rows-forgotten = { $rows } rows that { $version } was given have been deleted or changed since: only a complete training forgets them.
reason-max-increments = { $version } stands on { $increments } incremental trainings; after { $limit } comes a complete one.
reason-low-reliability = The reliability of { $version } is { NUMBER($reliability, decimals: 2) }, below { $limit }: new rows alone will not mend it.
reason-degraded = Against its baseline, the loss of { $version } is { PERCENT($rise, decimals: 0) } % higher on the newest { $window } rows than when it was promoted.
reason-drift = { $columns ->
    [one] { $columns } of { $of } inputs has drifted
   *[other] { $columns } of { $of } inputs have drifted
}: in the { $rows } rows that have come since, { $aspect ->
    [missing] the share of missing values of { $column } differs
   *[values] the shares of some values of { $column } differ
} by { PERCENT($distance, decimals: 0) } percentage points from what { $version } was trained on; up to { PERCENT($threshold, decimals: 0) } would be no drift.
reason-regret = { $version } has lost { NUMBER($regret, most: 3) } times its baseline's loss on one row more than was to be expected of it: more than the { NUMBER($seconds, most: 3) } seconds that a training will probably take are worth ({ NUMBER($per_second, most: 3) } each).
reason-forced = Asked for by force; no rule asks for it.

## What speaks against it now

hold-paused = It is paused since { $since }{ $reason ->
    [none] {""}
   *[other] {" "}({ $reason })
}, until somebody resumes it.
hold-data-quality = The data is broken, so nothing is trained on it: { $problem }
hold-failed = The same { $mode } training of these rows has failed: { SENTENCE($failure) } What can work: { $instead ->
    [complete] a complete training (--mode complete), other rows
    [columns] other rows, other columns
   *[rows] other rows
} or other hyper-parameters.
hold-too-few-rows = { $rows } rows{ $newest ->
    [none] {""}
   *[other] , the newest of { $newest }
}; { $needed } are needed to train and to judge.
hold-hindsight = Rows through { $through } count, and { $version } was given rows through { $given }: it has seen those that would judge. A training must be as of a later day.
hold-nothing-new = What is new to { $version } is not enough to learn from: there are { $rows } rows, and it was given { $given }; some rows only judge. An incremental training must wait for more rows{ $complete ->
    [yes] ; a complete one works (--mode complete)
   *[no] {""}
}.
hold-active-training = Job { $job } is already training this model.
hold-cool-down = The last training was { $later ->
    [yes] later than this day
   *[no] { NUMBER($age, decimals: 1) } days ago
}, on { $last }; the next may be { $days } days after it.
hold-back-off = Rejected { $rejections ->
    [1] once
    [2] twice
   *[other] { $rejections } times
}, last on { $last }: { $days } days and { $needed } rows no gate has seen must come first ({ $rows } so far).
hold-waiting = { $version } waits for { $missing } more rows to be judged on ({ $rows } of { $needed } so far): it was trained on all the others.
hold-rolled-back = Rolled back from { $from } on { $day } ({ $reason }): { $needed } rows that have come since must say otherwise ({ $rows } so far), or somebody who promotes a version.
hold-exhausted = { $completes } complete trainings in a row without skill, the last on { $last }: tried again after { $days } days and { $needed } new rows ({ $rows } so far).
hold-column-emptied = Of the { $rows } rows that have come, { PERCENT($share, decimals: 0) } percentage points more lack { $column } than when the live version was trained: mend where they come from, or leave the column out of the model's schema.
hold-crowd = { $models } models declined today: that says more of the data or the world than of this one; those that declined most are trained first.
hold-outside-hours = It is trained from { $from } to { $to } ({ $zone }): `train_between` of its policy.

## What is said beside

remark-becomes-complete = { $asked ->
    [yes] Incremental was asked for
   *[no] Incremental would do
}, but { $because }: it becomes complete.
remark-mode-as-asked = The mode is { $mode }, as asked for; the reasons ask for { $chosen }.
remark-not-by-itself = auto_retrain is off: Refit enqueues it only when asked to.
remark-when-asked = It takes place when somebody asks; from { $from } new rows on by itself.
remark-by-force = By force, in spite of { $holds }.
remark-holds-end = { $end ->
    [none] { $asked ->
        [yes] Nothing holds it back when every hold has ended
       *[no] It is let go when every hold has ended
    }
   *[other] { $asked ->
        [yes] Nothing holds it back after { MOMENT($end) }
       *[no] It is let go on { MOMENT($end) }
    }
}{ $force ->
    [works] , or at once with --force
    [repeats] ; --force would repeat what has failed
   *[useless] {""}
}.
remark-regret-would-change-it = What would change it: more regret ({ NUMBER($regret, most: 3) } now; more than { NUMBER($needed, most: 3) } would be worth the { NUMBER($seconds, most: 3) } seconds that a training will probably take), or the age of { $version } after { $ages }.
remark-what-would-change-it = What would change it: { $missing ->
    [0] more new rows (the newest only judge: of the { $rows } so far none is to learn from yet)
   *[other] { $missing } more new rows ({ $rows } of { $needed } so far)
}, the age of { $version } after { $ages }, or a reliability below { $limit } ({ $reliability ->
    [none] still unknown
   *[other] now { NUMBER($reliability, decimals: 2) }
}).

## Whom a version is compared with, and on what

against-champion = the live version
against-baseline = the hardest naive baseline
against-universal = the universal model
unit-dates = rows
unit-users = users
unit-texts = texts
unit-records = records

## Where a version stands

status-judging = judging
status-live = live
status-retired = retired
status-rejected = rejected
status-waiting = waiting
status-superseded = superseded
status-reproduction = reproduction

## What a judgement says

finding-not-finite = Rejected: some of its figures or predictions are not finite.
finding-constant = Rejected: it predicts the same whatever it is shown.
finding-slice-below-floor = Rejected: the { $rows } rows of { $slice } are served worse than by the baseline: their loss is { NUMBER($loss, decimals: 4) }, the baseline's { NUMBER($baseline_loss, decimals: 4) }.
finding-better = Better than { $against }, with { PERCENT($confidence, most: 2) } % confidence.
finding-not-worse = Not worse than { $against }: with { PERCENT($confidence, most: 2) } % confidence its loss is { $higher ->
    [yes] at most { PERCENT($bound, most: 2) } % higher
   *[no] not higher
}, and { PERCENT($margin, most: 2) } % higher is allowed.{ $gain_below ->
    [none] {""}
   *[other] {" "}What it gains is below { PERCENT($gain_below, most: 2) } % of the loss, which counts as nothing.
}
finding-not-worse-but-changed = Not worse than { $against }, but other hyper-parameters must be shown to be better: it waits.{ $gain_below ->
    [none] {""}
   *[other] {" "}What it gains is below { PERCENT($gain_below, most: 2) } % of the loss, which counts as nothing.
}
finding-worse = Worse than { $against }, with { PERCENT($confidence, most: 2) } % confidence.
finding-too-few = Too few { $unit } to compare it with { $against }: { $rows } of { $needed }.
finding-first = A first version, and not shown to be worse than { $against }: its reliability marks it.
finding-undecided-refresh = Neither worse than { $against } nor within { PERCENT($margin, most: 2) } % for sure: more rows decide.
finding-undecided = Neither better nor worse than { $against } for sure: more rows decide.
finding-difference = Loss against { $against } over { $rows } { $unit }: { PERCENT($difference, decimals: 2, sign: "always") } % ({ PERCENT($confidence, most: 2) } % interval { PERCENT($low, decimals: 2, sign: "always") } to { PERCENT($high, decimals: 2, sign: "always") } %).
finding-nothing-in-common = No rows on which to compare it with { $against }.
finding-earlier-looks = These rows were looked at { $looks } times before, so more is asked.

## Two versions side by side

compared-better = { $version } is better than { $reference }, with { PERCENT($confidence, most: 2) } % confidence: its loss is { PERCENT($difference, decimals: 2, sign: "always") } % ({ PERCENT($confidence, most: 2) } % interval { PERCENT($low, decimals: 2, sign: "always") } to { PERCENT($high, decimals: 2, sign: "always") } %) on { $rows } rows in common.
compared-worse = { $version } is worse than { $reference }, with { PERCENT($confidence, most: 2) } % confidence: its loss is { PERCENT($difference, decimals: 2, sign: "always") } % ({ PERCENT($confidence, most: 2) } % interval { PERCENT($low, decimals: 2, sign: "always") } to { PERCENT($high, decimals: 2, sign: "always") } %) on { $rows } rows in common.
compared-not-worse = { $version } is not worse than { $reference } by more than { PERCENT($margin, most: 2) } %: its loss is { PERCENT($difference, decimals: 2, sign: "always") } % ({ PERCENT($confidence, most: 2) } % interval { PERCENT($low, decimals: 2, sign: "always") } to { PERCENT($high, decimals: 2, sign: "always") } %) on { $rows } rows in common.{ $gain_below ->
    [none] {""}
   *[other] {" "}What it gains is below { PERCENT($gain_below, most: 2) } % of the loss, which counts as nothing.
}
compared-too-few = { $rows } rows in common are too few to tell { $version } from { $reference }: it takes { $needed }: its loss is { PERCENT($difference, decimals: 2, sign: "always") } % ({ PERCENT($confidence, most: 2) } % interval { PERCENT($low, decimals: 2, sign: "always") } to { PERCENT($high, decimals: 2, sign: "always") } %) on { $rows } rows in common.
compared-undecided = { $version } is neither better nor worse than { $reference } for sure: its loss is { PERCENT($difference, decimals: 2, sign: "always") } % ({ PERCENT($confidence, most: 2) } % interval { PERCENT($low, decimals: 2, sign: "always") } to { PERCENT($high, decimals: 2, sign: "always") } %) on { $rows } rows in common.

## Why a live pointer was moved

ledger-judged = { $finding }
ledger-by-hand = by hand
ledger-said = { $reason }
ledger-does-worse = { $version } does worse than { $than } on { $rows } rows that have come: its loss is { PERCENT($difference, decimals: 1) } % higher, at least { PERCENT($low, decimals: 1) } % with { PERCENT($confidence, most: 2) } % confidence for all looks together
ledger-restored = restored from backup { $backup }
ledger-recorded = { $text }

## What somebody should know

condition-unknown = unknown
condition-well = well
condition-degraded = degraded
condition-alarming = alarming

alert-degraded = { $model } { $version } is { $condition }: against its baseline, its loss is { $rise ->
    [none] NaN
   *[other] { PERCENT($rise, decimals: 0) }
} % higher on the newest { $window } rows than when it was promoted
alert-rolled-back = { $model } { $to } is live again: { $version } does worse than { $than } on { $rows } rows that have come: its loss is { PERCENT($difference, decimals: 1) } % higher, at least { PERCENT($low, decimals: 1) } % with { PERCENT($confidence, most: 2) } % confidence for all looks together
alert-drift = the rows that come for { $model } are unlike those that { $version } was trained on: { $columns ->
    [one] { $columns } of { $of } columns differs
   *[other] { $columns } of { $of } columns differ
} in { $rows } rows, { $column } the most ({ PERCENT($distance, decimals: 0) } percentage points; up to { PERCENT($threshold, decimals: 0) } would be none)
alert-worse-than-baseline = { $model } { $version } is probably worse than its baseline: the chance that it is better is { PERCENT($reliability, decimals: 0) } %
alert-over-age = { $model } { $version } was trained { NUMBER($age, decimals: 0) } days ago: after { NUMBER($limit, most: 1) } it should have been trained anew
alert-retraining-due = { $model } should be trained{ $mode ->
    [none] {""}
   *[other] {" "}({ $mode })
}, and Refit may not do so by itself: `refit retrain { $model }` does
alert-data-quality = the rows of { $model } cannot be used: { $problem }
alert-source-silent = the newest row of { $model } is of { $newest }, { $days } days ago: more than { NUMBER($limit, most: 1) } days are too many
alert-trainings-fail = { $failures } trainings of { $model } have failed, one after the other; the last one: { $message }
alert-schedule-failed = the last run of schedule { $schedule } ({ $task }) failed: `refit schedules history { $schedule }` says why
alert-schedule-missed = the last run of schedule { $schedule } was missed, for no coordinator ran: `refit schedules run { $schedule }` makes up for it
alert-backup-failed = the last backup by schedule { $schedule } failed, or part of it: `refit schedules history { $schedule }` says why
alert-no-worker = no worker lives in pool { $pool }, and { $jobs ->
    [1] 1 job waits
   *[other] { $jobs } jobs wait
} there: `refit-worker run --pools { $pool }` starts one
alert-backlog-old = the first job of pool { $pool } has waited for { NUMBER($seconds, decimals: 0) } s, more than { NUMBER($limit, decimals: 0) }; { $jobs } wait there: more workers would help
alert-nothing-moves = { $jobs ->
    [1] 1 job stands still
   *[other] { $jobs } jobs stand still
}, the longest for { NUMBER($seconds, decimals: 0) } s: { $message }
alert-service-trouble = the { $service } does not do its work: { $message }
alert-disk-low = the disk of { $place } is nearly full: { BYTES($free) } are free, { PERCENT($share, decimals: 1) } %
alert-task-fails = the coordinator's task { $task } fails again and again: { $message }
alert-channel-fails = channel { $channel } cannot be reached, and { $messages ->
    [1] 1 message waits
   *[other] { $messages } messages wait
} for it: { $message }

## What a channel is told

notice-raised = Refit, { $level }: { $topic }{ $count ->
    [1] { $about ->
        [none] {""}
       *[other] {" "}({ $about })
    }
   *[other] {" "}({ $count })
}
notice-escalated = Refit, now { $level }: { $topic }{ $count ->
    [1] { $about ->
        [none] {""}
       *[other] {" "}({ $about })
    }
   *[other] {" "}({ $count })
}
notice-resolved = Refit, resolved: { $topic }{ $count ->
    [1] { $about ->
        [none] {""}
       *[other] {" "}({ $about })
    }
   *[other] {" "}({ $count })
}
notice-trained = Refit: { $count ->
    [1] a training has ended
   *[other] { $count } trainings have ended
}
notice-digest = Refit: { $count ->
    [1] one piece of news
   *[other] { $count } pieces of news
} since the last digest
notice-handed-on = Refit: { $count } alerts, as they stand
notice-report = Refit: { $about }
notice-test = Refit: this channel works
told-others = and { $count } more: `refit alerts` lists them

trained-promoted = { $model } { $version } ({ $mode }) is live{ $before ->
    [none] {""}
   *[other] {" "}instead of { $before }
}: its { $loss } is { $loss_after ->
    [none] unknown
   *[other] { NUMBER($loss_after, most: 5) }
}{ $loss_before ->
    [none] {""}
   *[other] , before { NUMBER($loss_before, most: 5) }
}; trained in { NUMBER($seconds, most: 3) } s
trained-not-promoted = { $model } { $version } ({ $mode }) is not live{ $before ->
    [none] {""}
   *[other] , { $before } stays
}: its { $loss } is { $loss_after ->
    [none] unknown
   *[other] { NUMBER($loss_after, most: 5) }
}{ $loss_before ->
    [none] {""}
   *[other] , before { NUMBER($loss_before, most: 5) }
}; trained in { NUMBER($seconds, most: 3) } s
trained-failed = a training of { $model } has failed: { $message }

severity-info = info
severity-warning = warning
severity-critical = critical
topic-degraded = a model does worse than at its promotion
topic-rolled-back = a version was taken back
topic-drift = inputs have drifted
topic-worse-than-baseline = a model is probably worse than its baseline
topic-over-age = a model is too old
topic-retraining-due = a training is due
topic-data-quality = rows cannot be used
topic-source-silent = no new rows come
topic-trainings-fail = trainings fail
topic-schedule-failed = a schedule has failed
topic-schedule-missed = a schedule was missed
topic-backup-failed = a backup has failed
topic-no-worker = no worker for a pool
topic-backlog-old = jobs wait for long
topic-nothing-moves = jobs stand still
topic-service-trouble = a service does not work
topic-disk-low = a disk is nearly full
topic-task-fails = a task of the coordinator fails
topic-channel-fails = a channel cannot be reached

## Why a job is as it is

job-complete-instead = complete instead of incremental: { $because }
job-made-anew = made anew: what its model reads, or its hyper-parameters, were changed while it waited
job-tried = loss on validation rows: { NUMBER($loss, most: 6) }
job-pool-drained = pool { $pool } is drained
job-makes-room = it makes room for job { $job } ({ $model ->
    [none] {""}
   *[other] { $model }
}), more urgent by { $points } points
job-attempt-ended = attempt { $number } ended as { $class }: { $message }
job-unusable = { $message }
job-turned-down = a worker turned it down: { $message }
job-cancelled = somebody cancelled it
job-cancelled-too-late = somebody cancelled it, but its result was sealed first: { $version } is recorded and not promoted
job-done = done
job-scores = scores { $models } live versions on what has come: { $first }{ $more ->
    [yes] , …
   *[no] {""}
}
job-scored = scored { $rows } rows of { $models } models{ $unscored ->
    [none] {""}
   *[other] ; { $unscored }
}{ $alerts ->
    [none] {""}
   *[other] ; { $alerts }
}
job-live = { $version } is live: { $finding }
job-rejected = { $version } was rejected: { $finding }
job-waits = { $version } waits for more rows: { $finding }
job-nothing-to-judge = { $version } is { $status } by now: nothing to judge
job-superseded = { $version } is recorded and not promoted: { $model } was told to read otherwise since it was asked for; `refit promote { $model } { $version }` makes it live all the same
job-scored-again = the live version changed meanwhile: job { $job } scores { $version } again, against the new one
job-nothing-comes = nothing comes of it: { $lost }
job-cannot-be-judged = { $version } is recorded and cannot be judged: { $lost }
job-repeated = the weights are those of { $of } to the bit{ $original ->
    [whole_again] : { $of } is whole again
    [lacks] , but its { $file } is another: { $of } stays without its files
   *[whole] {""}
}
job-differs = the weights differ from those of { $of }{ $libraries ->
    [none] {""}
   *[other] {" "}({ $libraries })
}; mean { $figure } differs by { NUMBER($difference, decimals: 6, sign: "always") }
job-known-from-backup = known from backup { $backup } of { $version }
job-recorded = { $text }

model-not-scored = { $model } could not be scored: { $error }

library-changed = { $name } was { $was }, is { $is }
library-absent = { $name } was { $was }, is absent

## What a job waits for, or who has it

standing-held-up = held up, and looked at again soon: { $trouble }
standing-cancelling = it is being cancelled
standing-model-paused = its model is paused since { MINUTE($since) }{ $said ->
    [none] {""}
   *[other] {" "}({ $said })
}
standing-pool-paused = pool { $pool } is paused since { MINUTE($since) }{ $said ->
    [none] {""}
   *[other] {" "}({ $said })
}
standing-pool-drained = pool { $pool } is drained since { MINUTE($since) }{ $said ->
    [none] {""}
   *[other] {" "}({ $said })
}
standing-no-such-worker = { $because }
standing-no-worker = waits: no live worker in pool { $pool }
standing-no-device = waits: no live worker in pool { $pool } has { $needs }
standing-tried-again = it is tried again at { MOMENT($at) }
standing-not-frozen = its rows are not frozen yet
standing-stand-in = waits for { $slots ->
    [one] the slot
   *[other] one of { $slots } slots
} of pool { $place }, for no worker of pool { $pool } lives
standing-in-line = place { $position } in the line for { $slots ->
    [one] { $slots } slot
   *[other] { $slots } slots
} of pool { $pool }
standing-far-back = beyond place { $places } in the line of pool { $pool }
standing-unheard = its doorbell is out, and waits: no live worker in pool { $pool }
standing-dispatched = its doorbell is out; a worker of pool { $pool } will claim it
standing-held = worker { $worker } holds it{ $place ->
    [none] {""}
   *[other] {" "}in pool { $place }, for no worker of pool { $pool } lives
}{ $yielding ->
    [yes] , and has been asked to give it back
   *[no] {""}
}{ $refused ->
    [none] {""}
   *[other] ; its result waits for the store: { $refused }
}
standing-judging = its result is recorded and being judged

next-resume-model = `refit resume { $model }` lets it go on
next-resume-pool = `refit pool resume { $pool }` lets it go on
next-list-pools = `refit pool list` shows what each pool offers
next-list-devices = `refit-worker devices` on a worker's machine says what it has, and why no more
next-start-worker = `refit-worker run --pools { $pool }` starts one

## What a decision comes to

action-retrain = retrain ({ $mode })
action-retrain-when-asked = retrain ({ $mode }) when asked to
action-wait-for-training = wait: it is being trained
action-wait = wait ({ $holds }), then retrain ({ $mode })
action-nothing = nothing

## Why an item is for a user

item-popular = popular: { $users } users have rated it
item-rated-too = many who rated { $one }{ $other ->
    [none] {""}
   *[other] {" "}and { $other }
} rated it too

## Which model is meant where none is named

family-forecaster = forecaster
family-recommender = recommender
family-text = text
family-tabular = tabular

unmeant-no-model = there is no { $family } model
unmeant-several = there are several { $family } models: say which is meant with { $setting }
unmeant-of-another-family = { $setting } names { $model }, which is no { $family } model

## What somebody is answered

state-queued = queued
state-dispatched = dispatched
state-running = running
state-judging = judging
state-completed = completed
state-failed = failed
state-cancelled = cancelled

answer-already-training = its job is { $state }{ $held ->
    [none] {""}
   *[other] , and held: { $held }
}
answer-resume-first = Resume it first: `refit resume { $model }`
answer-no-such-model = there is no such model{ $category ->
    [none] {""}
   *[other] {" "}of the category { $category }
}
answer-cancelled = cancelled
answer-cancelled-and-stopping = cancelled; its worker has been told to stop
answer-being-cancelled = being cancelled: the store does not answer now, and has to say first that no result is sealed
answer-too-late-to-cancel = too late: its result was sealed first; it is recorded and will not be promoted

## The terms of a score

term-priority-given = priority given
term-category = category { $category }
term-no-live-version = no live version
term-outdated = live version outdated
term-reliable = current and reliable ({ NUMBER($reliability, decimals: 2) })
term-unreliable = unreliable ({ NUMBER($reliability, decimals: 2) })
term-good-quality = of good quality ({ NUMBER($reliability, decimals: 2) })
term-already-training = already training or scheduled
term-position = position { $position }
term-floor = floor
term-waiting = waiting
term-probe = probe
term-monitor = monitor
term-trial = trial of hyper-parameters
term-reproduction = reproduction
term-batch-prediction = batch prediction

## Why no worker can ever run something

needs = { $device ->
    [none] { $memory ->
        [none] a device
       *[other] { BYTES($memory) } of memory
    }
   *[other] a device { $device }{ $memory ->
        [none] {""}
       *[other] {" "}and { BYTES($memory) } of memory
    }
}
never-no-such-pool = no worker can ever run this: pool { $pool } is not in the configuration and no live worker serves it; there are { $pools }
never-none-has-it = no worker can ever run this: none in pool { $pool } has { $needs }
never-not-offered = no worker can ever run this: it needs { $needs }, and pool { $pool } offers { $offered }
never-not-there = no worker can ever run this: it needs { $needs }, and no live worker of pool { $pool } has it; if one may come, name it in coordinator.pools, such as { $pool }=cuda:24GiB
never-on-the-processor = a { $family } model computes on the processor alone, in any pool: leave out the device, or ask for cpu

## How an attempt fails

failure-data = data
failure-damaged = damaged
failure-code = code
failure-crash = crash
failure-out-of-memory = out_of_memory
failure-timeout = timeout
failure-stall = stall
failure-lost = lost
failure-released = released
failure-cancelled = cancelled

## When a schedule is due

weekday-monday = Mondays
weekday-tuesday = Tuesdays
weekday-wednesday = Wednesdays
weekday-thursday = Thursdays
weekday-friday = Fridays
weekday-saturday = Saturdays
weekday-sunday = Sundays
when-once = once, { $at } ({ $zone })
when-every = { $hours ->
    [none] { $minutes ->
        [1] every minute
       *[other] every { $minutes } minutes
    }
    [1] every hour
   *[other] every { $hours } hours
}
when-daily = daily at { $time } ({ $zone })
when-weekly = { $weekday } at { $time } ({ $zone })
when-monthly = monthly on day { $day } at { $time } ({ $zone })
when-cron = cron { $expression } ({ $zone })

## What came of a schedule's run

run-checked = Models looked at: { $models }; jobs that score what is live: { $scoring }; due: { $due }; trainings enqueued: { $enqueued }.
run-decided = Models decided on: { $models }; due: { $due }; held back: { $held }.
run-requested = Trainings asked for: { $requested } new, { $already } already under way, { $skipped } not needed now, { $refused } refused{ $refusal ->
    [none] .
   *[other] : { $refusal }
}
run-trained = Trainings: { $trainings }; gone live: { $promoted }; not gone live: { $not_promoted }; failed: { $failed }; cancelled: { $cancelled }. Models that needed none: { $skipped }; refused: { $refused }{ $refusal ->
    [none] .
   *[other] : { $refusal }
}
run-backed-up = Live versions backed up: { $backed_up }; not possible: { $failed }; models without one: { $without }.
run-cleaned = Objects removed: { $objects } ({ BYTES($bytes) }).
run-reported = Made: { $report }; sent to channels: { $channels }.
run-no-models = There is no model that it is about.
run-missed = It was due while no coordinator ran; { $made_up ->
    [yes] a later run makes up for it
   *[no] nothing makes up for it
}{ $before ->
    [0] .
   *[other] , and for { $before } before it the same.
}
run-failed = It failed, tried { $tries } times: { $message }

## What came of a search for hyper-parameters

search-challenging = Trial { $trial } has the least loss on validation rows, { NUMBER($loss, most: 6) } (what the model has: { NUMBER($own, most: 6) }); it is trained and judged on rows that no trial has looked at.
search-waits = { $version }, trained like trial { $trial }, waits for more rows to be judged on; if it goes live then, the model is trained like it from then on.
search-adopted = { $version }, trained like trial { $trial }, is live: the model is trained like it from now on.
search-not-better = { $version }, trained like trial { $trial }, did not go live: on rows that no trial had looked at it is not shown to be better.
search-nothing-better = None of { $trials } trials beats what the model has (loss on validation rows: { NUMBER($own, most: 6) }).
search-own-unmeasured = What the model has could not be measured, so there is nothing to compare with{ $reason ->
    [none] .
   *[other] : { $reason }
}
search-no-rows = There are no rows to try anything on: { $reason }
search-unmeasured = None of { $trials } trials could be measured{ $reason ->
    [none] .
   *[other] : { $reason }
}
search-refused = What trial { $trial } has cannot be trained: { $reason }
search-untrained = The training of what trial { $trial } has came to nothing: it is { $state }.
search-overtaken = Its model was told to read other rows: what was tried says nothing of them.
search-cancelled = Somebody cancelled it; `refit tune resume` goes on from where it is.

## Words of reports

label-health = Health
label-fleet = Models
label-trainings = Trainings by family
label-went-live = What went live
label-not-promoted = Judged, and not gone live
label-failures = Trainings that failed
label-alerts = Alerts
label-schedules = Schedules
label-traffic = Data and predictions
label-queue = Queue and workers
label-summary = Summary
label-runs = Newest runs
label-versions = Versions
label-moves = What was live
label-performance = Loss over time
label-forecasts = Forecasts against outcomes
label-calibration = What was said against what came
label-loss-curve = Training of the live version
label-success-rate = success rate of trainings
label-mean-training = mean training time
label-mean-waiting = mean wait for a start
label-degradations = degradations found
label-availability = availability
label-promoted = went live
label-taken-back = taken back
label-completed = completed
label-failed = failed
label-cancelled = cancelled
label-models = models
label-live = with a live version
label-live-version = live version
label-verdict = verdict
label-without-live = without a live version
label-paused = paused
label-due = to retrain
label-held-back = held back
label-declined = worse than at promotion
label-up-to-date = up to date
label-raised = raised
label-resolved = resolved
label-open-critical = open, critical
label-open-warning = open, warning
label-open-info = open, info
label-imports = imports with new rows
label-predictions = predictions served
label-labelled = of these with an outcome
label-scheduler = scheduler
label-executions = runs in 30 days
label-success-of-runs = success rate of runs
label-mean-run = mean time of a run
label-age = age, days
label-new-rows = new rows
label-reliability = reliability
label-action = action
label-family = family
label-model = model
label-version = version
label-move = move
label-at = when (UTC)
label-why = why
label-difference = difference
label-severity = severity
label-since = since (UTC)
label-what = what
label-schedule = schedule
label-skipped = skipped
label-share = success
label-seconds = seconds
label-pool = pool
label-workers = workers
label-attempts = attempts
label-lost = lost
label-busy = busy time
label-state = state
label-when = when
label-task = task
label-next = next (UTC)
label-outcome = outcome
label-mode = mode
label-trained = trained
label-loss = loss
label-against-baseline = against baseline
label-gap-new = gap on new rows, %
label-gap-old = on old rows, %
label-jobs-over-time = Jobs over time
label-jobs = jobs
label-waiting = waited
label-running = ran
label-of-the-model = the live version
label-of-the-baseline = its baseline
label-change = change, %
label-interval = interval of the forecast
label-forecast = forecast
label-came = what came
label-expected = said
label-observed = came
label-ideal = as it should be
label-epoch = epoch
label-training-loss = training rows
label-validation-loss = validation rows
label-none = None.
label-stopped = stopped
label-works = running
label-by-hand = by hand
label-not-over = It is not over: the figures are those so far.
verdict-better = better
verdict-not-worse = not worse
verdict-worse = worse
verdict-inconclusive = inconclusive
label-fleet-now = Models, as they stand now
label-alerts-now = Alerts (those that stand open: now)
label-runs-of-schedules = Runs of schedules
label-as-it-was = as it was
label-as-set = as set
label-policies = policies
label-policy = policy
label-trainings-made = trainings
label-of-these-complete = complete
label-training-time = training time
label-rows-answered = rows
label-loss-over-baseline = loss / baseline
label-loss-by-week = Loss week by week
moved-promote = promotion
moved-rollback = rollback
moved-taken-back = taken back
moved-restore = restored
stands-due = due
stands-scheduled = scheduled
stands-running = running
stands-completed = completed
stands-failed = failed
stands-skipped = skipped
stands-paused = paused
task-health-check = health check
task-evaluate = evaluate
task-retrain = retrain
task-backup = backup
task-cleanup = cleanup
task-report = report
report-incremental = incremental report
report-scheduler = report of the scheduler
report-daily = daily report
report-weekly = weekly report

## The sentences of reports

title-daily = Refit, daily report of { $day }
title-weekly = Refit, weekly report of week { $week } of { $year }
title-incremental = Refit, the state of every model
title-scheduler = Refit, report of the scheduler
title-model = Refit, history of { $model }
title-day = { $day }, by the clocks of { $zone }.
title-days = From { $first } to { $last }, by the clocks of { $zone }.
title-as-of = As of { MINUTE($at) } UTC.
title-made = Made { MINUTE($at) } UTC.
title-minutes = Availability counts { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}: a coordinator led in { PERCENT($answered, most: 3) } % of them.
title-not-counted = Availability is unknown: no coordinator counted minutes then.
title-rest = And { $count } more.
title-all = { $total ->
    [one] { $total } model
   *[other] { $total } models
}: { $due } to retrain, { $up_to_date } up to date, { $without } without a live version.
title-replayed = Refit, policies over the days from { $first } to { $last }
title-no-rise = No rise of losses after a training was found: by loss, these policies cannot be told apart.
title-estimated = The first line is what was trained and scored; the others are estimates: how losses rise with the rows that come after a training is learned of { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
} that versions of { $models ->
    [one] { $models } model
   *[other] { $models } models
} were scored on, and each training is taken to go live.
title-share = { PERCENT($share, most: 2) } %
title-seconds = { NUMBER($seconds, most: 1) } s
