//! What leaves the process by itself: collected, queued, sent, tried again, accounted for.
