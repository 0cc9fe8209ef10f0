// EntityReader: turns rows into entities, one for each primary key.

#ifndef CUPEL_SESSION_ENTITY_READER_H_
#define CUPEL_SESSION_ENTITY_READER_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_source.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/load_plan.h"
#include "cupel/session/session_core.h"

namespace cupel::session {

// Reads the entities of one place in a result's rows. Confined to its session.
class EntityReader {
 public:
  // The entity's columns begin at column `first` of the result, in the order
  // of plan->columns(). Entities join `batch` if given.
  EntityReader(SessionCore* core, std::shared_ptr<const LoadPlan> plan,
               size_t first, LoadBatch* batch, bool populate_existing);

  // Before the first row: how the columns are stored.
  void SetColumns(absl::Span<const query::ResultColumn> columns);

  // The entity of a row, of the plan's type or a subtype, as the discriminator
  // says; null if its key is NULL.
  // Errors: kDataLoss for a discriminator that is no identity of these, or
  // another than that of the entity known by this key.
  absl::StatusOr<EntityState*> Read(absl::Span<const engine::ValueView> cells);
  // Reads the row into `state`, of the plan's type, whatever its key.
  absl::Status ReadInto(absl::Span<const engine::ValueView> cells,
                        EntityState* state);

  const std::shared_ptr<const LoadPlan>& plan() const { return plan_; }
  void set_batch(LoadBatch* batch) { batch_ = batch; }
  // The columns to select from `source`.
  static std::vector<query::Expr> Columns(const LoadPlan& plan,
                                          const EntitySource& source);

 private:
  // How one member is read: worked out before the first row.
  struct Step {
    size_t cell;                 // in the result
    const engine::Codec* codec;  // null: stored as the logical value
    absl::Status (*read)(const engine::ValueView& cell, void* member);
    size_t offset;
    const Property* property;
  };

  // By the layout's properties.
  absl::Span<const Step> StepsOf(const LoadPlan::Layout& layout) const {
    return steps_[static_cast<size_t>(&layout - plan_->layouts().data())];
  }
  absl::Status ReadCell(const Step& step,
                        absl::Span<const engine::ValueView> cells,
                        EntityState* state);
  // The entity with that key, known or new; null when the row is none.
  absl::StatusOr<EntityState*> ReadByInteger(
      int64_t key, absl::Span<const engine::ValueView> cells);
  absl::StatusOr<EntityState*> ReadByKey(
      absl::Span<const engine::ValueView> cells);
  absl::Status Known(absl::Span<const engine::ValueView> cells,
                     EntityState* state);
  absl::StatusOr<EntityState*> New(absl::Span<const engine::ValueView> cells);
  absl::Status ReadRow(const LoadPlan::Layout& layout,
                       absl::Span<const engine::ValueView> cells,
                       EntityState* state);
  absl::Status Complete(const LoadPlan::Layout& layout,
                        absl::Span<const engine::ValueView> cells,
                        EntityState* state);
  void MarkLeftOut(const LoadPlan::Layout& layout, EntityState* state);
  const LoadPlan::Layout* LayoutOf(const EntityType& type) const;
  absl::StatusOr<const LoadPlan::Layout*> ChooseLayout(
      absl::Span<const engine::ValueView> cells);
  size_t PlaceOf(int property) const;  // among the plan's properties
  absl::Status WrongType(absl::string_view what) const;

  SessionCore* core_;
  std::shared_ptr<const LoadPlan> plan_;
  const EntityType* type_;
  size_t first_;
  LoadBatch* batch_;
  bool populate_existing_;
  std::vector<const engine::Codec*> codecs_;
  std::vector<std::vector<Step>> steps_;  // by layout
  std::vector<size_t> key_columns_;       // in the result
  std::vector<const engine::Codec*> key_codecs_;
  std::vector<engine::BoundValue> key_storage_;
  std::vector<engine::ValueView> key_;
  engine::BoundValue logical_;
  size_t discriminator_ = 0;  // column in the result, of a hierarchy
  const LoadPlan::Layout* last_layout_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_READER_H_
