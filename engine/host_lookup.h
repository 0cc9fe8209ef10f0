// Addresses of a host name, within a deadline. For drivers: the system's
// resolver, which client libraries ask before anything else, keeps to none.

#ifndef CUPEL_ENGINE_HOST_LOOKUP_H_
#define CUPEL_ENGINE_HOST_LOOKUP_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cupel/engine/deadline.h"

namespace cupel::engine {

// Blocks for as long as it takes.
using HostLookup =
    std::function<absl::StatusOr<std::vector<std::string>>(const std::string&)>;

// getaddrinfo(3): numeric IPv4 and IPv6 addresses, in its order.
absl::StatusOr<std::vector<std::string>> AskResolver(const std::string& host);

// The addresses of `host`; of a numeric address, itself. A look-up that is not
// done in time goes on by itself, in a thread that ends with it. Thread-safe.
//
// Errors: kUnavailable (ErrorKind::kCannotConnect) when there is no such host,
// or at the deadline.
absl::StatusOr<std::vector<std::string>> AddressesOf(
    const std::string& host, const Deadline& deadline,
    const HostLookup& lookup = AskResolver);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_HOST_LOOKUP_H_
