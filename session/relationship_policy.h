// What may be said of a relationship: when it is loaded, what follows it, and
// who takes care of the children of what is deleted.

#ifndef CUPEL_SESSION_RELATIONSHIP_POLICY_H_
#define CUPEL_SESSION_RELATIONSHIP_POLICY_H_

#include <cstdint>

namespace cupel::session {

// When and by which statement a relationship is loaded.
enum class LoadStrategy : uint8_t {
  // What the relationship says, else what the session's policy says.
  kDefault,
  // At the first touch; from the second touch on siblings of one result, the
  // rest follows by select-in in chunks that double.
  kAdaptive,
  // At the first touch, one entity at a time.
  kLazy,
  // With the query, one statement an entity.
  kImmediate,
  // With the query, by an outer join.
  kJoined,
  // With the query, by one more statement for each 500 parents.
  kSelectIn,
  // With the query, by one more statement that repeats the query inside.
  kSubquery,
  // Never: touching it is kFailedPrecondition and sends nothing.
  kRaise,
  // Like kRaise, but served from the identity map when no SQL is needed.
  kRaiseOnSql,
  // Never: it stays empty.
  kNoLoad,
  // From columns of a join that the query itself makes.
  kContainsEager,
};

// What is handed on from an entity to the entities it is linked to. A set of
// bits.
enum class Cascade : uint8_t {
  kNone = 0,
  kSaveUpdate = 1,    // a linked entity enters the session, too
  kMerge = 2,         // Merge() follows the link
  kDelete = 4,        // deleting the source deletes the targets
  kDeleteOrphan = 8,  // a target removed from its source is deleted
  kExpunge = 16,
  kRefreshExpire = 32,
  kDefault = kSaveUpdate | kMerge,
  kAll = kSaveUpdate | kMerge | kDelete | kExpunge | kRefreshExpire,
  kAllDeleteOrphan = kAll | kDeleteOrphan,
};
constexpr Cascade operator|(Cascade a, Cascade b) {
  return static_cast<Cascade>(static_cast<uint8_t>(a) |
                              static_cast<uint8_t>(b));
}
constexpr bool Has(Cascade set, Cascade bits) {
  return (static_cast<uint8_t>(set) & static_cast<uint8_t>(bits)) ==
         static_cast<uint8_t>(bits);
}

// Who takes care of the children when their parent is deleted.
enum class PassiveDeletes : uint8_t {
  // What the foreign key declares: ON DELETE CASCADE, SET NULL and SET DEFAULT
  // are left to the database; otherwise the session acts.
  kFromForeignKey,
  // The session loads the children and acts on each.
  kNever,
  // The session acts on loaded children only.
  kLoadedOnly,
  // The session never touches them.
  kAll,
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_RELATIONSHIP_POLICY_H_
