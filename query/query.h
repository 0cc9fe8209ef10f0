// The query layer in one include: the expression tree, SELECT, INSERT, UPDATE
// and DELETE, the compiler, the statement cache and the decoding of rows.

#ifndef CUPEL_QUERY_QUERY_H_
#define CUPEL_QUERY_QUERY_H_

#include "cupel/query/version.h"  // IWYU pragma: export

#endif  // CUPEL_QUERY_QUERY_H_
