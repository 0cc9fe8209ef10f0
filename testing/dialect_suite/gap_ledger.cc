#include "cupel/testing/dialect_suite/gap_ledger.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cupel::testing {

absl::StatusOr<GapLedger> GapLedger::Create(
    std::vector<DialectGap> gaps, absl::Span<const std::string> known_cases) {
  GapLedger ledger;
  std::vector<std::string> mistakes;
  for (DialectGap& gap : gaps) {
    const std::string name = gap.test_case;
    if (std::find(known_cases.begin(), known_cases.end(), name) ==
        known_cases.end()) {
      mistakes.push_back(absl::StrCat("gap \"", name, "\" names no case"));
    }
    if (gap.reason.empty()) {
      mistakes.push_back(absl::StrCat("gap \"", name, "\" has no reason"));
    }
    if (!ledger.gaps_.emplace(name, std::move(gap)).second) {
      mistakes.push_back(absl::StrCat("gap \"", name, "\" is declared twice"));
    }
  }
  if (mistakes.empty()) return ledger;
  return absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n"));
}

const DialectGap* GapLedger::Find(absl::string_view test_case) const {
  const auto found = gaps_.find(test_case);
  return found == gaps_.end() ? nullptr : &found->second;
}

absl::Status GapLedger::Settle(absl::string_view test_case,
                               CaseOutcome outcome) {
  outcomes_[std::string(test_case)] = outcome;
  switch (outcome) {
    case CaseOutcome::kFailed:
      return absl::OkStatus();
    case CaseOutcome::kPassed:
      return absl::FailedPreconditionError(
          absl::StrCat("the gap ", test_case,
                       " is closed: the case passes; no longer declare it"));
    case CaseOutcome::kNotApplicable:
      break;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the gap ", test_case,
                   " is needless: a capability that is off leaves the case "
                   "out; no longer declare it"));
}

void GapLedger::LeftOut(absl::string_view capability,
                        absl::string_view test_case) {
  left_out_[std::string(capability)].insert(std::string(test_case));
}

std::string GapLedger::Report() const {
  std::string report = absl::StrCat("declared gaps: ", gaps_.size(), "\n");
  for (const auto& [name, gap] : gaps_) {
    const bool has_run = outcomes_.find(name) != outcomes_.end();
    absl::StrAppend(&report, "  ", name, ": ", gap.reason,
                    has_run ? "" : " (not run)", "\n");
  }
  absl::StrAppend(&report, "capabilities that are off: ", left_out_.size(),
                  "\n");
  for (const auto& [capability, cases] : left_out_) {
    absl::StrAppend(&report, "  ", capability, ": ", absl::StrJoin(cases, ", "),
                    "\n");
  }
  return report;
}

}  // namespace cupel::testing
