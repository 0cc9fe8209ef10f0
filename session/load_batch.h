// LoadBatch: the entities that one statement gave, so that touching a few of
// them can load for all, and the options of the query that they came by.

#ifndef CUPEL_SESSION_LOAD_BATCH_H_
#define CUPEL_SESSION_LOAD_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "cupel/session/entity_list.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

class LoadPlan;

// Confined to one session. Deletes itself with its last member.
struct LoadBatch {
  // What touching one relationship (or deferred column) has done so far.
  struct Touches {
    const void* what;
    uint32_t touched;  // members
    uint32_t loaded;   // members
  };

  EntityList members;  // those that are freed or of a newer batch have left
  size_t live = 0;
  // Being filled: must not delete itself.
  bool open = true;
  // The statement asked for all rows of the table: whoever loads for most of
  // the members may as well read all that refers to them.
  bool whole = false;
  std::shared_ptr<const LoadPlan> plan;  // null: no options
  absl::InlinedVector<Touches, 2> touches;

  Touches& TouchesOf(const void* what) {
    for (Touches& t : touches) {
      if (t.what == what) return t;
    }
    touches.push_back({what, 0, 0});
    return touches.back();
  }

  void Add(EntityState* state) {
    if (state->batch == this) return;
    Leave(state);
    state->batch = this;
    state->batch_index = static_cast<uint32_t>(members.size());
    members.push_back(state);
    ++live;
  }
  void Close() {
    open = false;
    if (live == 0) {
      delete this;
    } else {
      members.shrink_to_fit();
    }
  }
  static void Leave(EntityState* state) {
    LoadBatch* batch = std::exchange(state->batch, nullptr);
    if (batch == nullptr) return;
    batch->members.Leave(state->batch_index);
    if (--batch->live == 0 && !batch->open) delete batch;
  }
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LOAD_BATCH_H_
