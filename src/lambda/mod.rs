//! The Lambda entrance: event to request, reply to event.
