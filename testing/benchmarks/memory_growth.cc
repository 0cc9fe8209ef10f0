#include "cupel/testing/benchmarks/memory_growth.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cupel/testing/benchmarks/workload.h"

namespace cupel::benchmarks {
namespace {

// The most memory that the process had at a time: "VmHWM:  1234 kB".
int64_t PeakBytes() {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    int64_t kilobytes = 0;
    if (words >> name >> kilobytes && name == "VmHWM:") {
      return kilobytes * 1024;
    }
  }
  return 0;
}

}  // namespace

int64_t MemoryGrowthOfStreaming(const std::string& address) {
  int64_t first = 0;
  StreamPostsInChunks(address, [&first] {
    if (first == 0) first = PeakBytes();
  });
  return PeakBytes() - first;
}

std::optional<int64_t> MemoryGrowthInFreshProcess(const std::string& flag,
                                                  const std::string& address) {
  std::error_code error;
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  const std::string command =
      absl::StrCat("'", program.string(), "' '", flag, "=", address, "'");
  FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) return std::nullopt;
  long long growth = 0;
  const int read = std::fscanf(output, "%lld", &growth);
  if (pclose(output) != 0 || read != 1) return std::nullopt;
  return growth;
}

}  // namespace cupel::benchmarks
