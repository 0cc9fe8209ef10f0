// The orm layer in one include: the typed face: declarative mapping, Ref,
// relationships, typed queries, the Database facade, request scope and
// pagination.

#ifndef CUPEL_ORM_ORM_H_
#define CUPEL_ORM_ORM_H_

#include "cupel/orm/version.h"  // IWYU pragma: export

#endif  // CUPEL_ORM_ORM_H_
