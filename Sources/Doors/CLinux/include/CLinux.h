// The door to what Swift's Glibc module does not show of Linux: epoll, eventfd, accept4, socket options, statx.
// Every function answers as the kernel does: a result of zero or more, or the error number negated. So `errno` is read
// at once, in C, before anything else can change it.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline long linux_result(long result) { return result < 0 ? -(long)errno : result; }

// Event loop

static inline int linux_epoll_create(void) { return (int)linux_result(epoll_create1(EPOLL_CLOEXEC)); }

static inline int linux_epoll_control(
    int poll, int operation, int descriptor, unsigned events, unsigned long long tag) {
    struct epoll_event event = {.events = events, .data.u64 = tag};
    return (int)linux_result(epoll_ctl(poll, operation, descriptor, &event));
}

static inline int linux_epoll_wait(int poll, struct epoll_event *events, int capacity, int milliseconds) {
    return (int)linux_result(epoll_wait(poll, events, capacity, milliseconds));
}

static inline int linux_eventfd(void) { return (int)linux_result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

static inline int linux_eventfd_ring(int descriptor) {
    unsigned long long one = 1;
    return (int)linux_result(write(descriptor, &one, sizeof one));
}

static inline int linux_eventfd_clear(int descriptor) {
    unsigned long long count;
    return (int)linux_result(read(descriptor, &count, sizeof count));
}

// Files

// A descriptor that only tells which file a path leads to. Closing it gives back no locks that the process has on the file.
int linux_open_path(const char *path);

// How many names a file has; 0: it was removed. It asks for nothing else: once the times of a file were asked for, Linux 6.13 and
// later give each write that follows a time of its own, and the next sync writes that, too.
int linux_link_count(int descriptor);

// A queue of what is told when a directory is moved: by its own name, not with a directory above it. Below zero: an error number.
int linux_watch_moves(const char *path);

// Whether the directory was moved since this was last asked. It costs one call, which doesn't wait.
int linux_was_moved(int queue);

int linux_thread_name(pthread_t thread, const char *name);

// How long the calling thread, and threads that it makes from now on, may run before others that are ready get their turn, in
// nanoseconds; 0: as the kernel likes. Linux 6.12 and later; earlier ones take it and do nothing.
int linux_set_slice(unsigned long long nanoseconds);

// How many heaps the threads of the process share, of which the C library makes more otherwise. 0: it refuses.
int linux_set_heaps(int count);

// Sockets. An address is its family (4 or 6), its bytes in network order and its port in host order.

struct linux_address {
    unsigned char bytes[16];
    unsigned scope;
    unsigned short port;
    unsigned char family;
};

static inline struct linux_address linux_address_from(const struct sockaddr_storage *storage) {
    struct linux_address address = {0};
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)storage;
        memcpy(address.bytes, &four->sin_addr, 4);
        address.port = ntohs(four->sin_port);
        address.family = 4;
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)storage;
        static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        address.port = ntohs(six->sin6_port);
        if (memcmp(&six->sin6_addr, mapped, 12) == 0) {
            memcpy(address.bytes, (const unsigned char *)&six->sin6_addr + 12, 4);
            address.family = 4;
        } else {
            memcpy(address.bytes, &six->sin6_addr, 16);
            address.scope = six->sin6_scope_id;
            address.family = 6;
        }
    }
    return address;
}

// The peer's address has family 0 where it is no internet address.
int linux_accept(int listener, struct linux_address *peer);

static inline int linux_local_address(int descriptor, struct linux_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    *address = linux_address_from(&storage);
    return 0;
}

static inline int linux_peer_address(int descriptor, struct linux_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getpeername(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    *address = linux_address_from(&storage);
    return 0;
}

static inline int linux_stream_socket(int family) {
    int domain = family == 6 ? AF_INET6 : AF_INET;
    return (int)linux_result(socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// The address as the kernel wants it; its length.
static inline socklen_t linux_native(struct linux_address address, struct sockaddr_storage *storage) {
    if (address.family == 6) {
        struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(address.port)};
        six.sin6_scope_id = address.scope;
        memcpy(&six.sin6_addr, address.bytes, 16);
        memcpy(storage, &six, sizeof six);
        return sizeof six;
    }
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(address.port)};
    memcpy(&four.sin_addr, address.bytes, 4);
    memcpy(storage, &four, sizeof four);
    return sizeof four;
}

static inline int linux_bind(int descriptor, struct linux_address address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = linux_native(address, &storage);
    return (int)linux_result(bind(descriptor, (struct sockaddr *)&storage, length));
}

static inline int linux_connect(int descriptor, struct linux_address address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = linux_native(address, &storage);
    return (int)linux_result(connect(descriptor, (struct sockaddr *)&storage, length));
}

// The error that waits at a socket, zero when none does.
static inline int linux_socket_error(int descriptor) {
    int number = 0;
    socklen_t length = sizeof number;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) < 0) return -errno;
    return -number;
}

static inline int linux_listen(int descriptor, int backlog) { return (int)linux_result(listen(descriptor, backlog)); }

static inline int linux_is_listening(int descriptor) {
    int listening = 0;
    socklen_t length = sizeof listening;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0) return -errno;
    return listening;
}

static inline int linux_prepare_inherited(int descriptor) {
    int status = fcntl(descriptor, F_GETFL);
    if (status < 0 || fcntl(descriptor, F_SETFL, status | O_NONBLOCK) < 0) return -errno;
    return (int)linux_result(fcntl(descriptor, F_SETFD, FD_CLOEXEC));
}

static inline int linux_option(int descriptor, int level, int name, int value) {
    return (int)linux_result(setsockopt(descriptor, level, name, &value, sizeof value));
}

static inline long linux_read(int descriptor, void *bytes, size_t count) {
    return linux_result(recv(descriptor, bytes, count, MSG_DONTWAIT));
}

// As `linux_read`, but what is read stays to be read again.
static inline long linux_peek(int descriptor, void *bytes, size_t count) {
    return linux_result(recv(descriptor, bytes, count, MSG_DONTWAIT | MSG_PEEK));
}

// Has the kernel note when bytes arrive, for `linux_read_noted`.
static inline int linux_note_arrivals(int descriptor) { return linux_option(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1); }

// As `linux_read`; `arrival` is when the newest of the bytes came, in nanoseconds of Unix time; 0: the kernel did not note it.
long linux_read_noted(int descriptor, void *bytes, size_t count, long long *arrival);

static inline long linux_send(int descriptor, const void *bytes, size_t count) {
    return linux_result(send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL));
}

// Whether the kernel can encrypt TLS (module `tls`): tried on a connection over the loopback.
int linux_has_tls(void);

// Has the kernel encrypt what is sent from now on. `key` is a form of <linux/tls.h>.
int linux_encrypt_sent(int descriptor, const void *key, size_t count);

// Sends a record of another type than the application's, where the kernel encrypts.
long linux_send_record(int descriptor, unsigned char type, const void *bytes, size_t count);

static inline int linux_shutdown_writing(int descriptor) { return (int)linux_result(shutdown(descriptor, SHUT_WR)); }

static inline int linux_close(int descriptor) { return (int)linux_result(close(descriptor)); }

static inline int linux_reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return (int)linux_result(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

// Bytes that were sent and are not yet acknowledged by the peer.
static inline int linux_unsent(int descriptor) {
    int count = 0;
    if (ioctl(descriptor, SIOCOUTQ, &count) < 0) return -errno;
    return count;
}

// Text to address and back. `linux_address_parse` answers 1 when the text is an address.

static inline int linux_address_parse(const char *text, struct linux_address *address) {
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, address->bytes) == 1) {
        address->family = 4;
        return 1;
    }
    if (inet_pton(AF_INET6, text, address->bytes) == 1) {
        address->family = 6;
        return 1;
    }
    return 0;
}

static inline int linux_address_text(struct linux_address address, char *text, unsigned capacity) {
    int domain = address.family == 6 ? AF_INET6 : AF_INET;
    return inet_ntop(domain, address.bytes, text, capacity) ? (int)strlen(text) : -errno;
}

static inline int linux_reserve_descriptor(void) { return (int)linux_result(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// Signals: a handler may do little more than write to a pipe, so this one does just that, in C.

int linux_signals_open(void);
int linux_signal_watch(int signal);
int linux_signal_ignore(int signal);
// Lets the calling thread be interrupted by a signal: threads of a pool block most of them.
int linux_signal_unblock(int signal);
int linux_signal_next(int descriptor);
