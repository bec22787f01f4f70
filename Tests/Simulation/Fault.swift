/// What a simulation has to have lived through: each must have happened somewhere in a run.
enum Fault: String, CaseIterable, Hashable, Sendable {
    case stall, drop, resume, partialWrite, truncation, failedRead, newPartition, eviction
    case retentionGap, slowGap, unreadableGap, hiddenCanary, fellOutOfRing, joinedAfterReplay, startedByTime
    case failover, repeated, madeAnew, toldMadeAnew, hole, liveLoss, subset, lineHeartbeat, lateAnswer
    case startedByLast, endedByLimit, endedByUntil, drained, resumedAhead, heartbeat
    case compressed, checkedSum, overBudget, shaped, ringsTrimmed
    case newTopic, startedInNewTopic
    case abandonedLookup, lookupStorm, refusedLookup
    case futureRecord, lostFuture, goneFingerprint
    case progress, quietHour
    case filtered, projected, shared, passedOver, cutSearch, toldAtHeartbeat, toldAtEnd
    case rulesChanged, preparedBefore, cutOffByRules, readBefore, sentUnderNewRules
}
