// The statements by which the catalogue is read. The comment of each names the
// parameters.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_CATALOG_QUERIES_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_CATALOG_QUERIES_H_

#include "absl/strings/string_view.h"

namespace cupel::postgresql_internal {

inline constexpr absl::string_view kDefaultSchemaQuery =
    "SELECT current_schema()";

inline constexpr absl::string_view kSchemasQuery =
    "SELECT nspname FROM pg_catalog.pg_namespace "
    "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' "
    "ORDER BY nspname";

// schema
inline constexpr absl::string_view kTablesQuery =
    "SELECT c.relname FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f') "
    "ORDER BY c.relname";

// schema
inline constexpr absl::string_view kViewsQuery =
    "SELECT c.relname FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relkind IN ('v', 'm') "
    "ORDER BY c.relname";

inline constexpr absl::string_view kTemporaryTablesQuery =
    "SELECT relname FROM pg_catalog.pg_class "
    "WHERE relnamespace = pg_my_temp_schema() AND relkind IN ('r', 'p') "
    "ORDER BY relname";

// name, schema; without a schema: what a statement would find by the name.
inline constexpr absl::string_view kRelationQuery =
    "SELECT c.oid, n.nspname, c.relkind, c.relpersistence, "
    "pg_catalog.obj_description(c.oid, 'pg_class'), "
    "n.nspname = current_schema() OR c.relpersistence = 't' "
    "FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') "
    "AND (n.nspname = $2 OR ($2 = '' AND n.nspname <> 'pg_catalog' "
    "AND pg_catalog.pg_table_is_visible(c.oid)))";

// relation
inline constexpr absl::string_view kColumnsQuery =
    "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid), "
    "a.attidentity, a.attgenerated, "
    "CASE WHEN a.attcollation <> t.typcollation THEN co.collname END, "
    "pg_catalog.col_description(a.attrelid, a.attnum), "
    "s.seqstart, s.seqincrement "
    "FROM pg_catalog.pg_attribute a "
    "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_catalog.pg_attrdef d "
    "ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation "
    // Of several sequences that the column owns that of its identity.
    "LEFT JOIN LATERAL (SELECT q.seqstart, q.seqincrement "
    "FROM pg_catalog.pg_depend o "
    "JOIN pg_catalog.pg_sequence q ON q.seqrelid = o.objid "
    "WHERE o.classid = 'pg_catalog.pg_class'::regclass "
    "AND o.refclassid = 'pg_catalog.pg_class'::regclass "
    "AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum "
    "AND o.deptype IN ('a', 'i') "
    "ORDER BY o.deptype DESC, o.objid LIMIT 1) s ON true "
    "WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped "
    "ORDER BY a.attnum";

// relation
inline constexpr absl::string_view kConstraintsQuery =
    "SELECT con.oid, con.conname, con.contype, con.condeferrable, "
    "con.condeferred, con.confupdtype, con.confdeltype, con.confmatchtype, "
    "rn.nspname, rc.relname, "
    "pg_catalog.pg_get_expr(con.conbin, con.conrelid) "
    "FROM pg_catalog.pg_constraint con "
    "LEFT JOIN pg_catalog.pg_class rc ON rc.oid = con.confrelid "
    "LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace "
    "WHERE con.conrelid = $1 AND con.contype IN ('p', 'u', 'c', 'f', 'x') "
    "ORDER BY con.conname, con.oid";

// relation
inline constexpr absl::string_view kConstraintColumnsQuery =
    "SELECT con.oid, a.attname, ra.attname "
    "FROM pg_catalog.pg_constraint con "
    "CROSS JOIN LATERAL unnest(con.conkey, con.confkey) "
    "WITH ORDINALITY AS k (number, referred, position) "
    "JOIN pg_catalog.pg_attribute a "
    "ON a.attrelid = con.conrelid AND a.attnum = k.number "
    "LEFT JOIN pg_catalog.pg_attribute ra "
    "ON ra.attrelid = con.confrelid AND ra.attnum = k.referred "
    "WHERE con.conrelid = $1 AND con.contype IN ('p', 'u', 'f') "
    "ORDER BY con.oid, k.position";

// relation; a row a part of an exclusion constraint
inline constexpr absl::string_view kExcludesQuery =
    "SELECT con.conname, m.amname, "
    "pg_catalog.pg_get_expr(i.indpred, i.indrelid), "
    "con.condeferrable, con.condeferred, a.attname, "
    "pg_catalog.pg_get_indexdef(i.indexrelid, k.position::int, true), "
    "op.oprname "
    "FROM pg_catalog.pg_constraint con "
    "JOIN pg_catalog.pg_index i ON i.indexrelid = con.conindid "
    "JOIN pg_catalog.pg_class c ON c.oid = con.conindid "
    "JOIN pg_catalog.pg_am m ON m.oid = c.relam "
    "CROSS JOIN LATERAL unnest(con.conexclop) "
    "WITH ORDINALITY AS k (operator, position) "
    "JOIN pg_catalog.pg_operator op ON op.oid = k.operator "
    "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid "
    "AND a.attnum = i.indkey[k.position - 1] AND a.attnum > 0 "
    "WHERE con.conrelid = $1 AND con.contype = 'x' "
    "ORDER BY con.conname, k.position";

// relation; a row an enumerator of a column
inline constexpr absl::string_view kColumnEnumsQuery =
    "SELECT a.attname, t.typname, pg_catalog.pg_type_is_visible(t.oid), "
    "e.enumlabel FROM pg_catalog.pg_attribute a "
    "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typtype = 'e' "
    "JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid "
    "WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped "
    "ORDER BY a.attnum, e.enumsortorder";

// schema; a row an enumerator, NULL where there is none
inline constexpr absl::string_view kEnumsQuery =
    "SELECT t.typname, n.nspname, n.nspname = current_schema(), e.enumlabel "
    "FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
    "LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid "
    "WHERE t.typtype = 'e' AND n.nspname = $1 "
    "ORDER BY t.typname, e.enumsortorder";

// schema
inline constexpr absl::string_view kSequencesQuery =
    "SELECT c.relname FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relkind = 'S' AND NOT EXISTS ("
    "SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 'pg_catalog.pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'i') "
    "ORDER BY c.relname";

// relation
inline constexpr absl::string_view kIndexesQuery =
    "SELECT i.indexrelid, c.relname, i.indisunique, m.amname, "
    "pg_catalog.pg_get_expr(i.indpred, i.indrelid) "
    "FROM pg_catalog.pg_index i "
    "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_catalog.pg_am m ON m.oid = c.relam "
    "WHERE i.indrelid = $1 AND NOT i.indisprimary AND NOT EXISTS ("
    "SELECT 1 FROM pg_catalog.pg_constraint con "
    "WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')) "
    "ORDER BY c.relname";

// relation
inline constexpr absl::string_view kIndexPartsQuery =
    "SELECT i.indexrelid, a.attname, "
    "pg_catalog.pg_get_indexdef(i.indexrelid, k.position, true), "
    "(i.indoption[k.position - 1] & 1) = 1, "
    "CASE WHEN i.indcollation[k.position - 1] <> a.attcollation "
    "THEN co.collname END "
    "FROM pg_catalog.pg_index i "
    "CROSS JOIN LATERAL generate_series(1, i.indnkeyatts::int) "
    "AS k (position) "
    "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid "
    "AND a.attnum = i.indkey[k.position - 1] AND a.attnum > 0 "
    "LEFT JOIN pg_catalog.pg_collation co "
    "ON co.oid = i.indcollation[k.position - 1] "
    "WHERE i.indrelid = $1 ORDER BY i.indexrelid, k.position";

// relation
inline constexpr absl::string_view kViewQuery =
    "SELECT pg_catalog.pg_get_viewdef($1::oid, true)";

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_CATALOG_QUERIES_H_
