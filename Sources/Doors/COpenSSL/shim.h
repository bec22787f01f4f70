#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <linux/tls.h>
#include <stdlib.h>
#include <string.h>

// Macros that Swift can't import.

static const uint64_t copenssl_server_options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_SSLv3;

// Has a session offer the kernel its keys (see copenssl_control).
static const uint64_t copenssl_offer_keys = SSL_OP_ENABLE_KTLS;

static inline void copenssl_set_minimum(SSL_CTX *context) { SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION); }

static inline void copenssl_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }

static inline void copenssl_set_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int copenssl_set_groups(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, list);
}

static inline int copenssl_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int copenssl_set_host(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

static inline void copenssl_set_name_callback(SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

// Ciphers of a session ticket: AES-256-CBC and HMAC-SHA256 (RFC 5077, section 4). The keys are copied.
static inline int copenssl_begin_ticket(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *cipher_key,
                                        const unsigned char *mac_key, const unsigned char *vector, int encrypts) {
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)mac_key, 32),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, cipher_key, vector, encrypts) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// Bytes on their way between a session and its socket. A BIO over it makes no system call.
struct copenssl_transfer {
    // What came and was not read yet: the caller's, for the time of a call.
    const unsigned char *input;
    size_t input_count;
    // What is to be sent. It grows as it must.
    unsigned char *output;
    size_t output_count;
    size_t output_capacity;
    // A key with which all is encrypted that follows the first `key_start` bytes of the output, in a form of <linux/tls.h>; count 0: none
    // came.
    unsigned char key[64];
    size_t key_count;
    size_t key_start;
};

static inline int copenssl_read(BIO *bio, char *bytes, size_t count, size_t *moved) {
    struct copenssl_transfer *transfer = (struct copenssl_transfer *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (transfer->input_count == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (count > transfer->input_count) count = transfer->input_count;
    memcpy(bytes, transfer->input, count);
    transfer->input += count;
    transfer->input_count -= count;
    *moved = count;
    return 1;
}

static inline int copenssl_write(BIO *bio, const char *bytes, size_t count, size_t *moved) {
    struct copenssl_transfer *transfer = (struct copenssl_transfer *)BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (transfer->output_capacity - transfer->output_count < count) {
        size_t capacity = 2 * (transfer->output_count + count);
        unsigned char *output = (unsigned char *)realloc(transfer->output, capacity);
        if (!output) return 0;
        transfer->output = output;
        transfer->output_capacity = capacity;
    }
    memcpy(transfer->output + transfer->output_count, bytes, count);
    transfer->output_count += count;
    *moved = count;
    return 1;
}

// How long a kernel's form of a key is; 0: another cipher.
static inline size_t copenssl_key_count(const struct tls_crypto_info *info) {
    switch (info->cipher_type) {
    case TLS_CIPHER_AES_GCM_128: return sizeof(struct tls12_crypto_info_aes_gcm_128);
    case TLS_CIPHER_AES_GCM_256: return sizeof(struct tls12_crypto_info_aes_gcm_256);
    case TLS_CIPHER_CHACHA20_POLY1305: return sizeof(struct tls12_crypto_info_chacha20_poly1305);
    default: return 0;
    }
}

// BIO_CTRL_SET_KTLS of OpenSSL, which <openssl/bio.h> has in a comment: the number says whether it is the sender's key, the pointer
// is a kernel's form of it.
#define COPENSSL_SET_KEY 72

// Keys are noted and refused, so that the session goes on as if there were no kernel to have them.
static inline long copenssl_control(BIO *bio, int command, long number, void *pointer) {
    struct copenssl_transfer *transfer = (struct copenssl_transfer *)BIO_get_data(bio);
    if (command == COPENSSL_SET_KEY && number != 0) {
        size_t count = copenssl_key_count((const struct tls_crypto_info *)pointer);
        if (count && count <= sizeof transfer->key) {
            memcpy(transfer->key, pointer, count);
            transfer->key_count = count;
            transfer->key_start = transfer->output_count;
        }
    }
    return command == BIO_CTRL_FLUSH;
}

// The kind of BIO that reads from and writes to a transfer. Made once; NULL: no memory.
static inline BIO_METHOD *copenssl_make_transfer_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transfer");
    if (!method) return NULL;
    BIO_meth_set_read_ex(method, copenssl_read);
    BIO_meth_set_write_ex(method, copenssl_write);
    BIO_meth_set_ctrl(method, copenssl_control);
    return method;
}

// A BIO over a transfer, which must outlive it.
static inline BIO *copenssl_make_transfer(const BIO_METHOD *method, struct copenssl_transfer *transfer) {
    BIO *bio = method ? BIO_new(method) : NULL;
    if (bio) {
        BIO_set_data(bio, transfer);
        BIO_set_init(bio, 1);
    }
    return bio;
}
