// The floor: the least that a server of Server-Sent Events over HTTP/1.1 has to do, and nothing else. One thread waits by
// epoll; whoever sends a request gets a stream; each record that arrives is sent to every client, one send for each. No
// log, no ids of its own, no resuming, no limits, no patience: a client that does not take a record at once is cut off.
// What a real server costs beyond this is what it does for its users. It is a yardstick and serves nobody.
//
//     floor HTTP-PORT RECORD-PORT      both on 127.0.0.1; a record is one UDP datagram, a whole event with its blank line
//
// GET /                        every record from now on
// GET /quiet                   a stream without records
// GET /backlog/COUNT/BYTES     COUNT events of BYTES bytes each at once, from memory, 64 KiB a write, and the end. The first
//                              request of this kind decides the size for all.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 1 << 16, MOST_RECORD = 1 << 16, EVENTS_A_TURN = 128, RECORDS_A_TURN = 8, ACCEPTED_A_TURN = 64 };
// What places[] says of a client without a place in streams[].
enum { NEW = -1, QUIET = -2, BACKLOG = -3 };

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n5\r\n:ok\n\n\r\n";

// The clients that get records, in no order, and where in it each descriptor is, or what else it is.
static int streams[MOST_DESCRIPTORS];
static int count;
static int places[MOST_DESCRIPTORS];

// A backlog is one chunk of as many events as 64 KiB hold, many times over, then a shorter one with the rest and the end.
static char whole[MOST_RECORD], rest[MOST_RECORD];
static size_t whole_size, rest_size;
static long event_size, events_in_whole;
static struct { long wholes; size_t sent; } backlogs[MOST_DESCRIPTORS];

static void fail(const char *call) {
    perror(call);
    exit(1);
}

static int bound(int type, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, type | SOCK_NONBLOCK, 0), yes = 1, room = 8 << 20;
    if (descriptor < 0) fail("socket");
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (type == SOCK_DGRAM) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    return descriptor;
}

static void watch(int poll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = descriptor};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

static void cut(int descriptor) {
    int place = places[descriptor];
    if (place >= 0) {
        streams[place] = streams[--count];
        places[streams[place]] = place;
    }
    places[descriptor] = NEW;
    close(descriptor);
}

static void take_clients(int poll, int listener) {
    int descriptor, yes = 1;
    // Records come in between even where clients come faster than they can be let in.
    for (int turn = 0; turn < ACCEPTED_A_TURN; turn++) {
        descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (descriptor < 0) return;
        if (descriptor >= MOST_DESCRIPTORS) {
            close(descriptor);
            continue;
        }
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        places[descriptor] = NEW;
        watch(poll, descriptor);
    }
}

// One HTTP/1.1 chunk of events; returns its size.
static size_t chunk_of(long events, char *chunk) {
    size_t size = (size_t)sprintf(chunk, "%lx\r\n", events * event_size);
    for (long event = 0; event < events; event++) {
        memset(chunk + size, 'x', (size_t)event_size);
        memcpy(chunk + size, "data: ", 6);
        memcpy(chunk + size + event_size - 2, "\n\n", 2);
        size += (size_t)event_size;
    }
    memcpy(chunk + size, "\r\n", 2);
    return size + 2;
}

static int begin_backlog(int poll, int descriptor, long events, long size) {
    if (events <= 0 || size < 16 || size > MOST_RECORD / 2 || (event_size && event_size != size)) return -1;
    event_size = size;
    events_in_whole = (MOST_RECORD - 32) / size;
    whole_size = chunk_of(events_in_whole, whole);
    rest_size = 0;
    if (events % events_in_whole) rest_size = chunk_of(events % events_in_whole, rest);
    memcpy(rest + rest_size, "0\r\n\r\n", 5);
    rest_size += 5;
    places[descriptor] = BACKLOG;
    backlogs[descriptor].wholes = events / events_in_whole;
    backlogs[descriptor].sent = 0;
    struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP, .data.fd = descriptor};
    return epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event);
}

// One write a turn, so that all clients are served alike.
static void go_on(int descriptor) {
    int is_rest = backlogs[descriptor].wholes == 0;
    size_t from = backlogs[descriptor].sent, size = is_rest ? rest_size : whole_size;
    ssize_t sent = send(descriptor, (is_rest ? rest : whole) + from, size - from, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) cut(descriptor);
        return;
    }
    backlogs[descriptor].sent += (size_t)sent;
    if (backlogs[descriptor].sent < size) return;
    backlogs[descriptor].sent = 0;
    if (is_rest) cut(descriptor);
    else backlogs[descriptor].wholes--;
}

// A request comes in one piece from those who measure.
static void take_request(int poll, int descriptor) {
    char request[16384];
    long events, size;
    ssize_t length = recv(descriptor, request, sizeof request - 1, 0);
    if (length <= 0 || places[descriptor] != NEW) {
        if (length == 0 || (length < 0 && errno != EAGAIN)) cut(descriptor);
        return;
    }
    request[length] = 0;
    if (send(descriptor, head, sizeof head - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof head - 1)) {
        cut(descriptor);
    } else if (strncmp(request, "GET /quiet ", 11) == 0) {
        places[descriptor] = QUIET;
    } else if (sscanf(request, "GET /backlog/%ld/%ld ", &events, &size) == 2) {
        if (begin_backlog(poll, descriptor, events, size) < 0) cut(descriptor);
    } else {
        places[descriptor] = count;
        streams[count++] = descriptor;
    }
}

#ifdef BY_RING
#include "ring.h"
#else
static void prepare_sending(void) {}

// Sends the same to every client. Returns how many did not take all of it, and which in `failed`.
static int send_to_all(const char *bytes, size_t size, int *failed) {
    int failures = 0;
    for (int place = 0; place < count; place++) {
        if (send(streams[place], bytes, size, MSG_NOSIGNAL) != (ssize_t)size) failed[failures++] = streams[place];
    }
    return failures;
}
#endif

static void take_records(int records) {
    static char chunk[MOST_RECORD + 32];
    static int failed[MOST_DESCRIPTORS];
    const int room = 16;
    ssize_t length;
    // New clients are let in even where records come faster than they can be sent.
    for (int turn = 0; turn < RECORDS_A_TURN && (length = recv(records, chunk + room, MOST_RECORD, 0)) > 0; turn++) {
        // One HTTP/1.1 chunk: its size in front, a line end behind.
        char size[16];
        int digits = snprintf(size, sizeof size, "%zx\r\n", (size_t)length);
        char *start = chunk + room - digits;
        memcpy(start, size, (size_t)digits);
        memcpy(chunk + room + length, "\r\n", 2);
        int failures = send_to_all(start, (size_t)(digits + length + 2), failed);
        while (failures > 0) cut(failed[--failures]);
    }
}

int main(int arguments, char **words) {
    if (arguments != 3) {
        fprintf(stderr, "usage: floor HTTP-PORT RECORD-PORT\n");
        return 2;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    int listener = bound(SOCK_STREAM, atoi(words[1])), records = bound(SOCK_DGRAM, atoi(words[2]));
    if (listen(listener, 4096) < 0) fail("listen");
    int poll = epoll_create1(0);
    if (poll < 0) fail("epoll_create1");
    watch(poll, listener);
    watch(poll, records);
    prepare_sending();
    struct epoll_event events[EVENTS_A_TURN];
    for (;;) {
        int ready = epoll_wait(poll, events, EVENTS_A_TURN, -1);
        // Records last: a client that is cut off meanwhile may have an event of its own in this turn.
        int hasRecords = 0;
        for (int index = 0; index < ready; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == records) {
                hasRecords = 1;
            } else if (descriptor == listener) {
                take_clients(poll, listener);
            } else if (events[index].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
                cut(descriptor);
            } else if (events[index].events & EPOLLOUT) {
                go_on(descriptor);
            } else {
                take_request(poll, descriptor);
            }
        }
        if (hasRecords) take_records(records);
    }
}
