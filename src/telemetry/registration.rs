//! Every metric, described once, and there with 0 before anything happened: a rate needs a beginning, and an alert
//! cannot tell a metric that is missing from one that is silent.

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::names;

/// Describes and registers all names with the present recorder.
pub(super) fn register() {
    http();
    cache();
    database();
    events();
    gauge!(names::BUILD_INFO, "version" => names::VERSION, "commit" => names::COMMIT).set(1.0);
    describe_gauge!(names::BUILD_INFO, "The program that runs; always 1.");
}

fn http() {
    describe_counter!(names::HTTP_REQUESTS, Unit::Count, "Replies.");
    describe_histogram!(
        names::HTTP_DURATION,
        Unit::Seconds,
        "Seconds from the request's head to the reply's."
    );
    describe_gauge!(names::HTTP_IN_FLIGHT, Unit::Count, "Requests at work.");
    // Labels that depend on the request come with it; this one stands for all in the first scrape.
    counter!(names::HTTP_REQUESTS, "method" => "GET", "endpoint" => "/transaction", "status" => "200").absolute(0);
    drop(histogram!(names::HTTP_DURATION, "method" => "GET", "endpoint" => "/transaction"));
    gauge!(names::HTTP_IN_FLIGHT).set(0.0);
}

fn cache() {
    describe_counter!(
        names::CACHE_HITS,
        Unit::Count,
        "Reads that the cache answered."
    );
    describe_counter!(
        names::CACHE_MISSES,
        Unit::Count,
        "Reads that the cache could have answered and did not have."
    );
    describe_counter!(
        names::REDIS_ERRORS,
        Unit::Count,
        "Calls to Redis that failed."
    );
    describe_gauge!(
        names::CACHE_OWED,
        Unit::Count,
        "Invalidations that could not be delivered yet."
    );
    for name in [names::CACHE_HITS, names::CACHE_MISSES, names::REDIS_ERRORS] {
        counter!(name).absolute(0);
    }
    gauge!(names::CACHE_OWED).set(0.0);
}

fn database() {
    describe_histogram!(
        names::DB_DURATION,
        Unit::Seconds,
        "Seconds of one call of the store."
    );
    describe_counter!(
        names::DB_ERRORS,
        Unit::Count,
        "Calls of the store that failed."
    );
    describe_gauge!(names::DB_POOL, Unit::Count, "Connections of the pool.");
    for query in names::DB_QUERIES {
        drop(histogram!(names::DB_DURATION, "query" => query));
    }
    for kind in names::DB_ERROR_KINDS {
        counter!(names::DB_ERRORS, "kind" => kind).absolute(0);
    }
    for state in names::DB_POOL_STATES {
        gauge!(names::DB_POOL, "state" => state).set(0.0);
    }
    describe_gauge!(
        names::TOTAL,
        Unit::Count,
        "Rows of the table; the same from each replica."
    );
    describe_gauge!(
        names::AMOUNT,
        "The sum of the table's amounts; the same from each replica."
    );
    for name in [names::TOTAL, names::AMOUNT] {
        gauge!(name).set(0.0);
    }
}

fn events() {
    describe_counter!(names::CREATED, Unit::Count, "Rows recorded.");
    describe_counter!(names::DELETED, Unit::Count, "Rows deleted.");
    describe_counter!(
        names::RATE_LIMITED,
        Unit::Count,
        "Requests refused by the rate limit."
    );
    describe_counter!(
        names::AUTH_FAILURES,
        Unit::Count,
        "Requests that could not say who they are."
    );
    describe_counter!(
        names::AUTH_DENIED,
        Unit::Count,
        "Requests that may not do what they ask, by the scope that they lack."
    );
    describe_counter!(names::SECRET_REFRESH, Unit::Count, "Refreshes of a secret.");
    for name in [names::CREATED, names::DELETED, names::RATE_LIMITED] {
        counter!(name).absolute(0);
    }
    for reason in names::AUTH_FAILURE_REASONS {
        counter!(names::AUTH_FAILURES, "reason" => reason).absolute(0);
    }
    for scope in names::SCOPES {
        counter!(names::AUTH_DENIED, "scope" => scope).absolute(0);
    }
    for result in names::SECRET_REFRESH_RESULTS {
        counter!(names::SECRET_REFRESH, "result" => result).absolute(0);
    }
}
