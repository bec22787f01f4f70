// What needs glibc's GNU extensions. They stay out of the header: there they would give types another shape than
// Swift's Glibc module has.
#define _GNU_SOURCE
#include <malloc.h>
#include "CLinux.h"
#include <errno.h>
#include <linux/tls.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int linux_open_path(const char *path) { return (int)linux_result(open(path, O_PATH | O_CLOEXEC)); }

int linux_link_count(int descriptor) {
    struct statx status;
    int result = (int)linux_result(statx(descriptor, "", AT_EMPTY_PATH, STATX_NLINK, &status));
    return result < 0 ? result : (int)status.stx_nlink;
}

int linux_watch_moves(const char *path) {
    int queue = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (queue >= 0 && inotify_add_watch(queue, path, IN_ONLYDIR | IN_MOVE_SELF) < 0) {
        int error = errno;
        close(queue);
        return -error;
    }
    return (int)linux_result(queue);
}

int linux_was_moved(int queue) {
    char events[512];
    int moved = 0;
    while (read(queue, events, sizeof events) > 0) moved = 1;
    return moved;
}

int linux_thread_name(pthread_t thread, const char *name) { return -pthread_setname_np(thread, name); }

// The C library of Debian 12 has neither the calls nor the structure (sched_setattr(2)).
struct scheduling {
    unsigned size, policy;
    unsigned long long flags;
    int nice;
    unsigned priority;
    unsigned long long runtime, deadline, period;
};

int linux_set_slice(unsigned long long nanoseconds) {
    struct scheduling attributes = {0};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) < 0) return -errno;
    // Of other policies the number means something else.
    if (attributes.policy != SCHED_OTHER) return -EINVAL;
    attributes.size = sizeof attributes;
    attributes.flags = 0;
    attributes.runtime = nanoseconds;
    return (int)linux_result(syscall(SYS_sched_setattr, 0, &attributes, 0));
}

// The C library of Debian 12 has no name for it.
#ifndef SOL_TLS
#define SOL_TLS 282
#endif

static int take_tls(int descriptor) {
    return (int)linux_result(setsockopt(descriptor, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls"));
}

int linux_has_tls(void) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof place;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int has = listener >= 0 && near >= 0 && bind(listener, (struct sockaddr *)&place, length) == 0 && listen(listener, 1) == 0 &&
              getsockname(listener, (struct sockaddr *)&place, &length) == 0 &&
              connect(near, (struct sockaddr *)&place, length) == 0 && take_tls(near) == 0;
    if (near >= 0) close(near);
    if (listener >= 0) close(listener);
    return has;
}

int linux_encrypt_sent(int descriptor, const void *key, size_t count) {
    int result = take_tls(descriptor);
    return result < 0 ? result : (int)linux_result(setsockopt(descriptor, SOL_TLS, TLS_TX, key, (socklen_t)count));
}

long linux_send_record(int descriptor, unsigned char type, const void *bytes, size_t count) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof type)];
    } control = {0};
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof type)};
    control.header.cmsg_level = SOL_TLS;
    control.header.cmsg_type = TLS_SET_RECORD_TYPE;
    control.header.cmsg_len = CMSG_LEN(sizeof type);
    memcpy(CMSG_DATA(&control.header), &type, sizeof type);
    return linux_result(sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int linux_accept(int listener, struct linux_address *peer) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    int descriptor = accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return -errno;
    *peer = linux_address_from(&storage);
    return descriptor;
}

long linux_read_noted(int descriptor, void *bytes, size_t count, long long *arrival) {
    *arrival = 0;
    struct iovec place = {.iov_base = bytes, .iov_len = count};
    _Alignas(struct cmsghdr) unsigned char control[CMSG_SPACE(sizeof(struct timespec))];
    struct msghdr message = {.msg_iov = &place, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t result = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (result < 0) return -errno;
    struct cmsghdr *note = CMSG_FIRSTHDR(&message);
    if (note && note->cmsg_level == SOL_SOCKET && note->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec time;
        memcpy(&time, CMSG_DATA(note), sizeof time);
        *arrival = (long long)time.tv_sec * 1000000000 + time.tv_nsec;
    }
    return result;
}

// The writing end of the signal pipe. A process has one set of signal handlers, so it has one pipe.
static volatile sig_atomic_t signal_writer = -1;

static void signal_arrived(int signal) {
    int saved = errno;
    unsigned char number = (unsigned char)signal;
    if (signal_writer >= 0 && write((int)signal_writer, &number, 1) < 0) {
        // The pipe is full: signals of this kind are waiting already.
    }
    errno = saved;
}

int linux_signals_open(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    int status = fcntl(ends[1], F_GETFL);
    if (status < 0 || fcntl(ends[1], F_SETFL, status | O_NONBLOCK) < 0) return -errno;
    signal_writer = ends[1];
    return ends[0];
}

int linux_signal_watch(int signal) {
    struct sigaction action = {.sa_handler = signal_arrived, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    return (int)linux_result(sigaction(signal, &action, 0));
}

int linux_signal_ignore(int signal) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    return (int)linux_result(sigaction(signal, &action, 0));
}

int linux_signal_unblock(int signal) {
    sigset_t set;
    sigemptyset(&set);
    if (sigaddset(&set, signal) < 0) return -errno;
    return -pthread_sigmask(SIG_UNBLOCK, &set, 0);
}

int linux_signal_next(int descriptor) {
    unsigned char number = 0;
    ssize_t count = read(descriptor, &number, 1);
    if (count < 0) return -errno;
    return count == 0 ? -EPIPE : number;
}

int linux_set_heaps(int count) { return mallopt(M_ARENA_MAX, count); }
