// Data that a program keeps with each connection.

#ifndef CUPEL_ENGINE_CONNECTION_INFO_H_
#define CUPEL_ENGINE_CONNECTION_INFO_H_

#include <any>
#include <map>
#include <string>

namespace cupel::engine {

// Emptied when the connection is reopened.
using ConnectionInfo = std::map<std::string, std::any>;

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_CONNECTION_INFO_H_
