// The floor's sends by io_uring: 256 of them are one system call, and only those that fail are reported.
#pragma once
#include <liburing.h>

enum { SENDS_AT_ONCE = 256 };

static struct io_uring ring;

static void prepare_sending(void) {
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL};
    int result = io_uring_queue_init_params(SENDS_AT_ONCE, &ring, &parameters);
    if (result < 0) {
        fprintf(stderr, "io_uring_setup: %s\n", strerror(-result));
        exit(1);
    }
}

// With MSG_DONTWAIT every send is over when the call returns; with MSG_WAITALL one that was cut short counts as failed.
static int send_to_all(const char *bytes, size_t size, int *failed) {
    int failures = 0;
    for (int place = 0; place < count; place++) {
        struct io_uring_sqe *send = io_uring_get_sqe(&ring);
        io_uring_prep_send(send, streams[place], bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_WAITALL);
        send->flags = IOSQE_CQE_SKIP_SUCCESS;
        send->user_data = (unsigned)streams[place];
        if (place < count - 1 && io_uring_sq_space_left(&ring) > 0) continue;
        int waiting = (int)io_uring_sq_ready(&ring);
        if (io_uring_submit(&ring) != waiting) fail("io_uring_enter");
        unsigned head, done = 0;
        struct io_uring_cqe *completion;
        io_uring_for_each_cqe(&ring, head, completion) {
            done++;
            if (completion->res != (int)size) failed[failures++] = (int)completion->user_data;
        }
        io_uring_cq_advance(&ring, done);
    }
    return failures;
}
